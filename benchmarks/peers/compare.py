"""Our kernels beside those of neural-tangents on random architectures, and what 40 digits say where they differ.

Usage: python compare.py PEER_PYTHON [--count N] [--seed S]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from architectures import architectures, inputs, pairs_of
from rich.console import Console
from rich.table import Table

from widelimit import networks as nets
from widelimit.kernels import compute, function
from widelimit.kernels.function import Kernels
from widelimit.precision import precision

AGREE = 1e-10
"""Kernels agree if they differ by less than this share of the largest entry."""


class Case(NamedTuple):
    """One architecture.

    Attributes:
        apart: the difference between both libraries.
        ours, theirs: the difference of each from 40 digits; None where they agree.
    """

    apart: float
    ours: float | None
    theirs: float | None

    @property
    def right(self) -> bool:
        """Whether our kernel is right, by the peer or by the arbiter."""
        return self.apart < AGREE or (self.ours is not None and self.ours < AGREE)


def build(layers: list[Any]) -> nets.Layer:
    """The network of an architecture."""
    return nets.Serial(*(_layer(name, dict(arguments)) for name, arguments in layers))


def _layer(name: str, arguments: dict[str, Any]) -> nets.Layer:
    """A layer of ours by its type; windows and strides are lists in files, and tuples here."""
    arguments = {k: tuple(v) if k in ("strides", "powers") else v for k, v in arguments.items()}
    if name.startswith("Standard"):
        return _layer(name.removeprefix("Standard"), arguments | {"parameterization": "standard"})
    if name == "Residual":
        return nets.Residual(build(arguments["branches"][0]))
    if name in ("FanInSum", "FanInProd", "FanInConcat"):
        branches = [build(branch) for branch in arguments["branches"]]
        join = getattr(nets, name)()
        return nets.Serial(nets.FanOut(len(branches)), nets.Parallel(*branches), join)
    if name == "Dense":
        return nets.Dense(1, **arguments)
    if name == "Index":
        return nets.Index(*(slice(start, None) for start in arguments["start"]))
    if name == "Aggregate":
        return nets.Serial(nets.Aggregate(np.array([arguments["weights"]])), nets.Index(0))
    if "window" in arguments:
        features = () if name.endswith("Pool") else (1,)
        kind = getattr(nets, name.removesuffix("1x1"))
        return kind(*features, tuple(arguments.pop("window")), **arguments)
    return getattr(nets, name)(**arguments)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", help="the Python of an environment with neural-tangents and mpmath")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(np.random.SeedSequence().entropy % 2**31))
    options = parser.parse_args()
    task = {"seed": options.seed, "architectures": architectures(options.seed, options.count)}
    theirs = _elsewhere(options.peer, "theirs.py", task)
    ours = {}
    for i, architecture in enumerate(task["architectures"]):
        x = inputs(options.seed + i, architecture["input"])
        kernels = ours_of(build(architecture["layers"]), x, compiled=i % 10 == 0)
        ours |= {f"{name}{i}": kernel for name, kernel in kernels._asdict().items()}
    apart = [_difference(ours, theirs, i) for i in range(options.count)]
    task["disputed"] = [i for i, error in enumerate(apart) if not error < AGREE]
    exact = _elsewhere(options.peer, "exact.py", task)
    cases = [
        Case(
            error,
            *(
                (_difference(x, exact, i) if i in task["disputed"] else None)
                for x in (ours, theirs)
            ),
        )
        for i, error in enumerate(apart)
    ]
    _report(task, cases)


def ours_of(net: nets.Layer, x: np.ndarray, compiled: bool) -> Kernels[Any]:
    """By `compute`, or operation by operation, which compiles each one once for all networks."""
    if compiled:
        return compute(net, x)
    with precision("float64"):
        return function(net)(net.hyper, x, x)


def _elsewhere(python: str, script: str, task: dict[str, Any]) -> dict[str, np.ndarray]:
    """Kernels that a script computes in another environment."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "task.json"), Path(folder, "kernels.npz")
        source.write_text(json.dumps(task))
        subprocess.run([python, Path(__file__).with_name(script), source, target], check=True)
        return dict(np.load(target))


def _difference(found: dict[str, Any], expected: dict[str, Any], i: int) -> float:
    """Largest difference of both kernels, over the largest entry."""
    return max(
        float(np.max(np.abs(found[n] - expected[n])) / np.max(np.abs(expected[n])))
        for n in (f"nngp{i}", f"ntk{i}")
    )


def _report(task: dict[str, Any], cases: list[Case]) -> None:
    console, pairs = Console(), defaultdict(list)
    for architecture, case in zip(task["architectures"], cases, strict=True):
        for pair in set(pairs_of(architecture)):
            pairs[pair].append(case)
        if not case.right:
            console.print(f"[bold]ours is off by {case.ours:.1e}[/bold] {json.dumps(architecture)}")
    console.print(_table(pairs))
    disputed = [case for case in cases if case.ours is not None]
    print(
        f"seed {task['seed']}, {len(cases)} architectures: {len(cases) - len(disputed)} agree within {AGREE:.0e}; "
        f"of {len(disputed)} that do not, 40 digits side with us in {sum(c.right for c in disputed)} and with "
        f"neural-tangents in {sum((c.theirs or np.inf) < AGREE for c in disputed)}."
    )


def _table(pairs: dict[tuple[str, str], list[Case]]) -> Table:
    table = Table(
        "layer", "then", "cases", "both agree", "ours right by 40 digits", "ours wrong", "peer is NaN",
        "peer's largest error", "ours there",
        title="our kernels beside those of neural-tangents, in shares of the largest entry",
    )  # fmt: skip
    for pair, cases in sorted(pairs.items()):
        disputed = [case for case in cases if case.ours is not None]
        peer = np.array([case.theirs for case in disputed if case.theirs is not None])
        numbers = (
            len(cases), len(cases) - len(disputed), sum(c.right for c in disputed),
            sum(not c.right for c in cases), int(np.isnan(peer).sum()),
        )  # fmt: skip
        errors = (
            np.nanmax(peer, initial=0) if peer.size else 0,
            max((case.ours or 0 for case in disputed), default=0),
        )
        table.add_row(*pair, *map(str, numbers), *(f"{error:.0e}" for error in errors))
    return table


if __name__ == "__main__":
    main()
