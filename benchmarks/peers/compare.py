"""Our kernels beside those of neural-tangents on random architectures, and an arbiter where they differ.

The arbiter has 40 digits, and 16 where activations have no closed form.

Usage: python compare.py PEER_PYTHON [--count N] [--seed S]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from architectures import architectures, inputs, pairs_of
from rich.console import Console
from rich.progress import track
from rich.table import Table

from widelimit import networks as nets
from widelimit.kernels import compute

AGREE = 1e-10
"""Kernels agree if they differ by less than this share of the largest entry."""

TOLERANCE = AGREE / 10
"""What is asked of series."""

QUICK = "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=0"
"""Nearly all time goes into compiling programs that run once: XLA compiles them three times as fast so."""


class Case(NamedTuple):
    """One architecture.

    Attributes:
        apart: the difference between both libraries; None where ours refused.
        ours, theirs: the difference of each from the arbiter, asked where they differ.
    """

    apart: float | None
    ours: float | None = None
    theirs: float | None = None

    @property
    def agreed(self) -> bool:
        """Whether both libraries agree."""
        return self.apart is not None and self.apart < AGREE

    @property
    def disputed(self) -> bool:
        """Whether they do not, NaN included."""
        return self.apart is not None and not self.agreed

    @property
    def right(self) -> bool:
        """Whether our kernel is right, by the peer or by the arbiter."""
        return self.agreed or (self.ours is not None and self.ours < AGREE)

    @property
    def wrong(self) -> bool:
        """Whether our kernel is wrong, NaN included."""
        return self.disputed and not self.right


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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", help="the Python of an environment with neural-tangents and mpmath")
    parser.add_argument("--count", type=int, default=1050)
    parser.add_argument("--seed", type=int, default=int(np.random.SeedSequence().entropy % 2**31))
    options = parser.parse_args()
    os.environ["XLA_FLAGS"] = QUICK
    task = {"seed": options.seed, "architectures": architectures(options.seed, options.count)}
    with ThreadPoolExecutor() as pool:
        running = pool.submit(_elsewhere, options.peer, "theirs.py", task)
        ours = _ours(task)
        theirs = running.result()
    cases = [Case(_difference(ours, theirs, i)) for i in range(options.count)]
    task["disputed"] = [i for i, case in enumerate(cases) if case.disputed]
    exact = _elsewhere(options.peer, "exact.py", task)
    for i in task["disputed"]:
        errors = {"ours": _difference(ours, exact, i), "theirs": _difference(theirs, exact, i)}
        cases[i] = cases[i]._replace(**errors)
    _report(task, cases)


def _ours(task: dict[str, Any]) -> dict[str, np.ndarray]:
    """Our kernels, without those that `compute` refuses: no series is long enough, or the kernel is infinite."""
    found: dict[str, np.ndarray] = {}
    for i, architecture in enumerate(track(task["architectures"], "our kernels")):
        x = inputs(task["seed"] + i, architecture["input"])
        net = build(architecture["layers"])
        try:
            kernels = compute(net, x, tolerance=TOLERANCE)
        except ValueError as error:
            print(f"refused: {json.dumps(architecture)}\n  {error}")
            continue
        found |= {f"{name}{i}": kernel for name, kernel in kernels._asdict().items()}
        if i % 50 == 49:
            jax.clear_caches()  # programs for hundreds of networks would fill the memory
    return found


def _elsewhere(python: str, script: str, task: dict[str, Any]) -> dict[str, np.ndarray]:
    """Kernels that a script computes in another environment."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "task.json"), Path(folder, "kernels.npz")
        source.write_text(json.dumps(task))
        command = [python, Path(__file__).with_name(script), source, target]
        environment = os.environ | {"XLA_FLAGS": ""}  # an older one does not know those of ours
        subprocess.run(command, check=True, env=environment)
        return dict(np.load(target))


def _difference(found: dict[str, Any], expected: dict[str, Any], i: int) -> float | None:
    """Largest difference of both kernels, over the largest entry; None if one was refused."""
    if f"ntk{i}" not in found:
        return None
    return max(
        float(np.max(np.abs(found[n] - expected[n])) / (np.max(np.abs(expected[n])) or 1))
        for n in (f"nngp{i}", f"ntk{i}")
    )


def _report(task: dict[str, Any], cases: list[Case]) -> None:
    console, pairs = Console(width=180), defaultdict(list)
    for architecture, case in zip(task["architectures"], cases, strict=True):
        for pair in set(pairs_of(architecture)):
            pairs[pair].append(case)
        if case.wrong:
            console.print(f"[bold]ours is off by {case.ours:.1e}[/bold] {json.dumps(architecture)}")
    console.print(_table(pairs))
    disputed = [case for case in cases if case.disputed]
    print(
        f"seed {task['seed']}, {len(cases)} architectures, between {min(map(len, pairs.values()))} and "
        f"{max(map(len, pairs.values()))} for each pair of layers: {sum(c.agreed for c in cases)} agree within "
        f"{AGREE:.0e}, ours refuses {sum(c.apart is None for c in cases)}; of {len(disputed)} that do not agree, "
        f"the arbiter sides with us in {sum(c.right for c in disputed)} and with neural-tangents in "
        f"{sum((c.theirs or 0) < AGREE for c in disputed)}."
    )


def _table(pairs: dict[tuple[str, str], list[Case]]) -> Table:
    table = Table(
        "layer", "then", "cases", "both agree", "ours right", "ours wrong", "ours refuses",
        "peer fails or is NaN", "peer's largest error", "ours there",
        title="our kernels beside those of neural-tangents, in shares of the largest entry",
    )  # fmt: skip
    for pair, cases in sorted(pairs.items()):
        disputed = [case for case in cases if case.disputed]
        peer = np.array([case.theirs for case in disputed])
        numbers = (
            len(cases), sum(c.agreed for c in cases), sum(c.right for c in disputed),
            sum(c.wrong for c in cases), sum(c.apart is None for c in cases), int(np.isnan(peer).sum()),
        )  # fmt: skip
        errors = (
            np.nanmax(peer, initial=0) if peer.size else 0,
            max((case.ours or 0 for case in disputed), default=0),
        )
        table.add_row(*pair, *map(str, numbers), *(f"{error:.0e}" for error in errors))
    return table


if __name__ == "__main__":
    main()
