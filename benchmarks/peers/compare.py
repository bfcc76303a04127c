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

AGREE = 1e-10
"""Kernels agree if they differ by less than this share of the largest entry."""


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
    cases = defaultdict(list)
    for i, architecture in enumerate(task["architectures"]):
        x = inputs(options.seed + i, architecture["input"])
        ours = compute(build(architecture["layers"]), x)
        error = max(difference(k, theirs[f"{n}{i}"]) for n, k in ours._asdict().items())
        finite = all(np.isfinite(k).all() for k in ours)
        for pair in set(pairs_of(architecture)):
            cases[pair].append((error, finite))
        if finite and not error < AGREE:
            Console().print(f"[bold]{error:.1e}[/bold] {json.dumps(architecture)}")
    Console().print(_table(cases))
    everything = [case for found in cases.values() for case in found]
    print(
        f"seed {options.seed}, {options.count} architectures; all of ours finite: "
        f"{all(finite for _, finite in everything)}"
    )


def _table(cases: dict[tuple[str, str], list[tuple[float, bool]]]) -> Table:
    title = f"kernels beside those of neural-tangents, which agree within {AGREE:.0e} of the largest entry"
    table = Table(
        "layer", "then", "cases", "agree", "peer is NaN", "largest difference", title=title
    )
    for pair, found in sorted(cases.items()):
        errors = np.array([error for error, _ in found])
        numbers = len(errors), np.sum(errors < AGREE), np.sum(np.isnan(errors))
        worst = np.max(errors[~np.isnan(errors)], initial=0)
        table.add_row(*pair, *(str(n) for n in numbers), f"{worst:.1e}")
    return table


if __name__ == "__main__":
    main()
