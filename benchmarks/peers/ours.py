"""Our kernels for given architectures.

Usage: python ours.py architectures.json kernels.npz
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

# Nearly all time goes into compiling programs that run once: XLA compiles them three times as fast so. (Its passes are
# all needed: without the simplifier of algebra some programs compute something else.)
os.environ["XLA_FLAGS"] = "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=0"

import numpy as np
from architectures import inputs
from kept import Kept
from rich.progress import track

from widelimit import networks as nets
from widelimit.kernels import compute

TOLERANCE = 1e-11
"""What is asked of series: a tenth of what counts as agreement in ``compare.py``."""

TOGETHER = 25
"""Networks after which a process is replaced by another: their programs would fill the memory."""


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
    if name in ("Dense", "GlobalSelfAttention"):
        return getattr(nets, name)(1, **arguments)
    if name == "Index":
        return nets.Index(*(slice(start, None) for start in arguments["start"]))
    if name == "Aggregate":
        return nets.Serial(nets.Aggregate(np.array([arguments["weights"]])), nets.Index(0))
    if "window" in arguments:
        features = () if name.endswith("Pool") else (1,)
        kind = getattr(nets, name.removesuffix("1x1"))
        return kind(*features, tuple(arguments.pop("window")), **arguments)
    return getattr(nets, name)(**arguments)


def _work(job: tuple[int, int, str, dict[str, Any]]) -> tuple[int, dict[str, np.ndarray]]:
    """Both kernels of one architecture; nothing if `compute` refuses: no series is long enough, or they are infinite."""
    i, seed, dtype, architecture = job
    try:
        kernels = compute(
            build(architecture["layers"]),
            inputs(seed + i, architecture["input"]),
            dtype=dtype,
            tolerance=TOLERANCE,
        )
    except ValueError as error:
        print(f"refused: {json.dumps(architecture)}\n  {error}")
        return i, {}
    return i, {f"{name}{i}": kernel for name, kernel in kernels._asdict().items()}


def main(source: str, target: str) -> None:
    """Compute and save both kernels of each architecture."""
    task, kept = json.loads(Path(source).read_text()), Kept(target)
    everything, dtype = range(len(task["architectures"])), task.get("dtype", "float64")
    jobs = [(i, task["seed"], dtype, task["architectures"][i]) for i in kept.missing(everything)]
    with multiprocessing.get_context("spawn").Pool(maxtasksperchild=TOGETHER) as pool:
        for found in track(pool.imap_unordered(_work, jobs), "our kernels", len(jobs)):
            kept.add(*found)
    kept.join(everything)


if __name__ == "__main__":
    main(*sys.argv[1:])
