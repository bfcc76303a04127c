"""Our kernels beside those of neural-tangents on random architectures.

Usage: python compare.py PEER_PYTHON [--count N] [--seed S]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from architectures import architectures, inputs, pairs_of
from rich.console import Console
from rich.table import Table

from widelimit import networks as nets
from widelimit.kernels import compute


def build(layers: list[Any]) -> nets.Layer:
    """The network of an architecture."""
    return nets.Serial(*(_layer(name, dict(arguments)) for name, arguments in layers))


def _layer(name: str, arguments: dict[str, Any]) -> nets.Layer:
    if name == "Residual":
        return nets.Residual(*build(arguments["branch"]).layers)
    if name == "Dense":
        return nets.Dense(1, **arguments)
    if name in ("Conv", "Conv1x1"):
        return nets.Conv(1, tuple(arguments.pop("window", (1, 1))), **arguments)
    if name in ("AvgPool", "SumPool"):
        return getattr(nets, name)(tuple(arguments.pop("window")), **arguments)
    if name == "Polynomial":
        return nets.Polynomial(tuple(arguments["powers"]))
    return getattr(nets, name)(**arguments)


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Largest difference over the largest entry."""
    return float(np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", help="the Python of an environment with neural-tangents")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(np.random.SeedSequence().entropy % 2**31))
    options = parser.parse_args()
    task = {
        "seed": options.seed,
        "architectures": architectures(options.seed, options.count),
    }
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "architectures.json"), Path(folder, "kernels.npz")
        source.write_text(json.dumps(task))
        subprocess.run(
            [options.peer, Path(__file__).with_name("theirs.py"), source, target], check=True
        )
        theirs = dict(np.load(target))
    worst: dict[tuple[str, str], list[float]] = defaultdict(list)
    for i, architecture in enumerate(task["architectures"]):
        x = inputs(options.seed + i, architecture["input"])
        ours = compute(build(architecture["layers"]), x)
        error = max(difference(k, theirs[f"{n}{i}"]) for n, k in ours._asdict().items())
        for pair in set(pairs_of(architecture)):
            worst[pair].append(error)
        if not error < 1e-10:
            print(i, error, json.dumps(architecture))
    table = Table("layer", "then", "cases", "largest relative difference")
    for pair, errors in sorted(worst.items()):
        table.add_row(*pair, str(len(errors)), f"{max(errors):.1e}")
    Console().print(table)
    print(f"seed {options.seed}, {options.count} architectures")


if __name__ == "__main__":
    main()
