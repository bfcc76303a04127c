"""Time and memory of one case, in a process of its own: ``python measure.py MODULE CASE`` prints JSON.

It runs in the environment of whoever is measured, so it needs NumPy alone.
"""

from __future__ import annotations

import importlib
import json
import resource
import statistics
import sys
import time
from typing import Any

import numpy as np
from cases import CORNER

REPEATS, ENOUGH = 5, 60.0
"""Calls that are timed, fewer if they take longer than this many seconds together."""


def measure(module: str, case: str) -> dict[str, Any]:
    """The first call with what it compiles, the median of those after it, memory beyond what came before, and all of it.

    A case makes a function without arguments; what that returns is a kernel, or nothing. Its first entries are
    part of the result, so that errors can be told. A module names in ``ONCE`` what is run once alone.
    """
    found = importlib.import_module(module)
    run = found.CASES[case]()
    before = _resident()
    start = time.perf_counter()
    result = run()
    first = time.perf_counter() - start
    seconds = [first] if case in getattr(found, "ONCE", ()) else _repeated(run)
    corner = None if result is None else np.asarray(result)[:CORNER, :CORNER].astype(float).tolist()
    return {
        "first": first,
        "seconds": statistics.median(seconds),
        "MiB": _resident() - before,
        "whole": _resident(),
        "corner": corner,
    }


def _repeated(run: Any) -> list[float]:
    seconds: list[float] = []
    while len(seconds) < REPEATS and sum(seconds) < ENOUGH:
        seconds.append(_timed(run))
    return seconds


def _timed(run: Any) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _resident() -> float:
    """Largest resident memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*sys.argv[1:])))
