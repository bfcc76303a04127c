"""Our kernels beside those of neural-tangents on random architectures, and an arbiter where they differ.

The arbiter has 40 digits, and 16 where activations have no closed form. Networks are of all layers that both have, or of
those that have compiled code for images; the latter in float32 too.

Usage: python compare.py PEER_PYTHON [--networks all|images] [--count N] [--seed S] [--folder KEPT]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from architectures import architectures, pairs_of
from image_networks import image_networks
from rich.console import Console
from rich.table import Table

AGREE = 1e-10
"""Kernels agree if they differ by less than this share of the largest entry."""

NETWORKS = {"all": (architectures, 1050), "images": (image_networks, 60)}
"""What draws networks, and how many, by the option."""

ROUNDINGS = 10
"""An error is one of rounding if it is no larger than this many times what rounding K and Θ behind each layer makes."""


class Case(NamedTuple):
    """One architecture.

    Attributes:
        apart: the difference between both libraries; None where ours refused.
        ours, theirs: the difference of each from the arbiter, asked where they differ.
        rounding: by how much the arbiter's own kernel moves if what is behind each layer is rounded to float64; asked
            where ours is off.
    """

    apart: float | None
    ours: float | None = None
    theirs: float | None = None
    rounding: float = 0

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
    def off(self) -> bool:
        """Whether our kernel is not right, NaN included."""
        return self.disputed and not self.right

    @property
    def rounded(self) -> bool:
        """Whether our kernel is off by no more than rounding explains: behind kinks and jumps that may be much."""
        return self.off and (self.ours or np.nan) <= ROUNDINGS * self.rounding

    @property
    def wrong(self) -> bool:
        """Whether it is off by more."""
        return self.off and not self.rounded


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", help="the Python of an environment with neural-tangents and mpmath")
    parser.add_argument("--networks", choices=NETWORKS, default="all")
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=int(np.random.SeedSequence().entropy % 2**31))
    parser.add_argument(
        "--folder", help="where kernels are kept: a run that was stopped goes on there"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.folder or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        _compare(options, folder)


def _compare(options: argparse.Namespace, folder: Path) -> None:
    draw, usual = NETWORKS[options.networks]
    count = options.count or usual
    task: dict[str, Any] = {"seed": options.seed, "architectures": draw(options.seed, count)}
    with ThreadPoolExecutor() as pool:
        running = pool.submit(_elsewhere, options.peer, "theirs.py", task, folder)
        ours = _elsewhere(sys.executable, "ours.py", task, folder)
        theirs = running.result()
    cases = [Case(_difference(ours, theirs, i)) for i in range(count)]
    task["disputed"] = [i for i, case in enumerate(cases) if case.disputed]
    exact = _elsewhere(options.peer, "exact.py", task, folder)
    for i in task["disputed"]:
        errors = {"ours": _difference(ours, exact, i), "theirs": _difference(theirs, exact, i)}
        cases[i] = cases[i]._replace(**errors)
    task |= {"disputed": [i for i, case in enumerate(cases) if case.off], "rounded": True}
    rounded = _elsewhere(options.peer, "exact.py", task, folder)
    for i in task["disputed"]:
        cases[i] = cases[i]._replace(rounding=_difference(rounded, exact, i))
    _report(task, cases)
    if options.networks == "images":
        single = _elsewhere(sys.executable, "ours.py", task | {"dtype": "float32"}, folder)
        _report_single([_difference(single, ours, i) for i in range(count)])


def _elsewhere(
    python: str, script: str, task: dict[str, Any], folder: Path
) -> dict[str, np.ndarray]:
    """Kernels that a script computes in an environment, if the folder has not got them."""
    text = json.dumps(task)
    name = f"{Path(script).stem}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    source, target = folder / f"{name}.json", folder / f"{name}.npz"
    if not target.exists():
        source.write_text(text)
        subprocess.run([python, Path(__file__).with_name(script), source, target], check=True)
    return dict(np.load(target))


def _difference(found: dict[str, Any], expected: dict[str, Any], i: int) -> float | None:
    """Largest difference of both kernels, over the largest entry; None if one was refused."""
    if f"ntk{i}" not in found:
        return None
    with np.errstate(invalid="ignore"):  # kernels of the peer may be infinite
        return max(
            float(np.max(np.abs(found[n] - expected[n])) / (np.max(np.abs(expected[n])) or 1))
            for n in (f"nngp{i}", f"ntk{i}")
        )


def _report(task: dict[str, Any], cases: list[Case]) -> None:
    console, pairs = Console(width=180), defaultdict(list)
    for architecture, case in zip(task["architectures"], cases, strict=True):
        for pair in set(pairs_of(architecture)):
            pairs[pair].append(case)
        if case.off:
            said = (
                f"ours is off by {case.ours:.1e}, rounding moves the kernel by {case.rounding:.1e}"
            )
            console.print(f"[bold]{said}[/bold] {json.dumps(architecture)}", soft_wrap=True)
    console.print(_table(pairs))
    disputed = [case for case in cases if case.disputed]
    print(
        f"seed {task['seed']}, {len(cases)} architectures, between {min(map(len, pairs.values()))} and "
        f"{max(map(len, pairs.values()))} for each pair of layers: {sum(c.agreed for c in cases)} agree within "
        f"{AGREE:.0e}, ours refuses {sum(c.apart is None for c in cases)}; of {len(disputed)} that do not agree, "
        f"the arbiter sides with us in {sum(c.right for c in disputed)} and with neural-tangents in "
        f"{sum((c.theirs or 0) < AGREE for c in disputed)}; ours is off by rounding in "
        f"{sum(c.rounded for c in cases)} and wrong in {sum(c.wrong for c in cases)}."
    )


def _report_single(errors: list[float | None]) -> None:
    found = [error for error in errors if error is not None]
    largest, middle = max(found), float(np.median(found))
    print(
        f"in float32 ours is off by at most {largest:.1e} of the largest entry, and by {middle:.1e} in the median."
    )


def _table(pairs: dict[tuple[str, str], list[Case]]) -> Table:
    table = Table(
        "layer", "then", "cases", "both agree", "ours right", "ours rounded", "ours wrong", "ours refuses",
        "peer fails or is NaN", "peer's largest error", "ours there",
        title="our kernels beside those of neural-tangents, in shares of the largest entry",
    )  # fmt: skip
    for pair, cases in sorted(pairs.items()):
        disputed = [case for case in cases if case.disputed]
        peer = np.array([case.theirs for case in disputed])
        numbers = (
            len(cases), sum(c.agreed for c in cases), sum(c.right for c in disputed),
            sum(c.rounded for c in cases), sum(c.wrong for c in cases), sum(c.apart is None for c in cases), int(np.isnan(peer).sum()),
        )  # fmt: skip
        errors = (
            np.nanmax(peer, initial=0) if peer.size else 0,
            max((case.ours or 0 for case in disputed), default=0),
        )
        table.add_row(*pair, *map(str, numbers), *(f"{error:.0e}" for error in errors))
    return table


if __name__ == "__main__":
    main()
