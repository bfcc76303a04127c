"""Time and memory of the library's main calls, beside neural-tangents, the plain way, and what no one can beat.

Usage: python run.py PEER_PYTHON [--large]

``make bench`` prints the tables; nothing is asserted. All that one table compares is measured in one run, each
case in a process of its own, so that its peak memory is its own; compiling is not in the time of a call.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from cases import (
    ACTIVATIONS,
    BLOCK,
    DEPTHS,
    DTYPES,
    IMAGES,
    OPERATIONS,
    TOLERANCE,
    image_name,
    image_pairs,
    name_of,
)
from rich.console import Console
from rich.table import Table


class Measured(NamedTuple):
    """What `measure` says; NaN if the case was given up, infinite memory if there was not enough of it."""

    first: float = np.nan
    seconds: float = np.nan
    MiB: float = np.nan
    whole: float = np.nan
    corner: list[list[float]] | None = None


CONSOLE = Console(width=150)


LIMIT = 600
"""Seconds after which a case is given up."""


def measured(module: str, case: str, python: str = sys.executable) -> Measured:
    """One case, in a process of its own."""
    command = [python, str(Path(__file__).with_name("measure.py")), module, case]
    with CONSOLE.status(f"{module}: {case}"):
        try:
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return Measured()
        except subprocess.CalledProcessError as error:
            if error.returncode != -signal.SIGKILL:
                raise
            # That is how the system ends what takes more memory than there is.
            return Measured(MiB=np.inf)
    return Measured(**json.loads(done.stdout))


def kernels_table(peer: str) -> Table:
    """Kernels in memory; theirs of tanh in blocks, for as a whole they take more memory than there is."""
    table = Table(
        "fully connected, 5 hidden layers", "s", "neural-tangents", "ratio", "error", "theirs",
        "x xᵀ alone", "its share", "memory, MiB", "theirs",
        title=f"NNGP and NTK, 784 inputs; tanh at tolerance {TOLERANCE:.0e}, theirs by 25² nodes in blocks of {BLOCK}²",
    )  # fmt: skip
    for activation in ACTIVATIONS:
        exact = measured("ours", f"{activation}, exact")
        for dtype in DTYPES:
            name = name_of(activation, dtype)
            ours, theirs = measured("ours", name), measured("peer", name, peer)
            gram = measured("plain", f"gram, {name}").seconds
            table.add_row(
                name, _short(ours.seconds), _short(theirs.seconds),
                _short(theirs.seconds / ours.seconds), _error(ours, exact), _error(theirs, exact),
                _short(gram), f"{gram / ours.seconds:.0%}",
                f"{ours.MiB:.0f}", f"{theirs.MiB:.0f}",
            )  # fmt: skip
    return table


def images_table(peer: str) -> Table:
    """Kernels of images; errors are those of the pairs that both compute, against ours in float64."""
    table = Table(
        "3 × 3 convolutions with ReLU, 32 × 32 × 3", "pairs / s", "neural-tangents", "ratio", "error", "theirs",
        "of x xᵀ", "memory, MiB", "theirs", title="NNGP and NTK of images",
    )  # fmt: skip
    peaks = {dtype: _peak(dtype) for dtype in DTYPES}
    for name in IMAGES:
        exact = measured("ours", image_name(name, "float64"))
        for dtype in DTYPES:
            case = image_name(name, dtype)
            ours = exact if dtype == "float64" else measured("ours", case)
            theirs = measured("peer", case, peer)
            rate, beside = (
                np.prod(image_pairs(name, peer=of)) / found.seconds for of, found in ((False, ours), (True, theirs))
            )  # fmt: skip
            share = rate * _operations(name, dtype) / peaks[dtype]
            table.add_row(
                case, _short(rate), _short(beside), _short(rate / beside), _pairs_error(ours, exact),
                _pairs_error(theirs, exact), f"{share:.0%}", f"{ours.MiB:.0f}", f"{theirs.MiB:.0f}",
            )  # fmt: skip
    return table


def _peak(dtype: str) -> float:
    """Additions and multiplications in a second of the product x xᵀ."""
    n, d = ACTIVATIONS["relu"], 784
    return 2 * n * n * d / measured("plain", f"gram, {name_of('relu', dtype)}").seconds


def _operations(name: str, dtype: str) -> float:
    """Additions and multiplications for a pair of images, by what is done at each pair of positions and layer."""
    blocks, readout, _ = IMAGES[name]
    total, reach = 0.0, 0
    for level in reversed(range(len(blocks))):
        side = 32 >> level
        # Displacements that are needed, with the positions that have partners at each.
        along = (
            side**2 if readout == "global" else sum(side - abs(d) for d in range(-reach, reach + 1))
        )
        total += blocks[level] * along**2 * OPERATIONS[dtype]
        reach = 2 * reach + 1
    return total


def _pairs_error(found: Measured, exact: Measured) -> str:
    one, other = (np.array(x.corner)[:2, :4] for x in (found, exact))
    return f"{np.max(np.abs(one - other)) / np.max(np.abs(other)):.0e}"


def disk_table(sizes: list[int]) -> Table:
    """The NTK of many samples, to disk."""
    table = Table(
        "3 hidden ReLU layers, float32", "s", "million pairs / s", "resident with the process, MiB",
        title="NTK to disk, upper triangle",
    )  # fmt: skip
    for n in sizes:
        found = measured("ours", f"N = {n} to disk")
        rate = n * (n + 1) / 2 / found.seconds / 1e6
        table.add_row(f"N = {n:,}", _short(found.seconds), _short(rate), f"{found.whole:.0f}")
    return table


def compile_table(peer: str) -> Table:
    """What the first call takes beyond the others."""
    table = Table("hidden layers", "s", "neural-tangents", title="compiling, ReLU, NNGP and NTK")
    for depth in DEPTHS:
        both = measured("ours", f"{depth} layers"), measured("peer", f"{depth} layers", peer)
        table.add_row(str(depth), *(_short(found.first - found.seconds) for found in both))
    return table


def plain_table() -> Table:
    """Beside code as one writes it down."""
    table = Table(
        "case", "s", "plain way", "ratio", "memory, MiB", "plain way",
        title="beside NumPy with whole matrices, and full Jacobians (tangents: 32 samples, 10 outputs)",
    )  # fmt: skip
    relu = [name_of("relu", dtype) for dtype in DTYPES]
    for name in (*relu, *(f"tangent, width {width}" for width in (256, 1024, 2048))):
        ours, plain = measured("ours", name), measured("plain", name)
        table.add_row(
            name, _short(ours.seconds), _short(plain.seconds),
            _short(plain.seconds / ours.seconds), f"{ours.MiB:.0f}", f"{plain.MiB:.0f}",
        )  # fmt: skip
    return table


def _short(number: float) -> str:
    return f"> {LIMIT}" if np.isnan(number) else f"{number:.3g}"


def _error(found: Measured, exact: Measured) -> str:
    """Largest difference of the first entries, over the largest of them."""
    if found.corner is None:
        return ""
    expected = np.array(exact.corner)
    return f"{np.max(np.abs(found.corner - expected)) / np.max(np.abs(expected)):.0e}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", help="the Python of an environment with neural-tangents")
    parser.add_argument(
        "--large", action="store_true", help="60,000 samples to disk as well (7 GB)"
    )
    options = parser.parse_args()
    CONSOLE.print(f"{platform.machine()}, {os.cpu_count()} cores, JAX {jax.__version__}, medians")
    CONSOLE.print(kernels_table(options.peer))
    CONSOLE.print(images_table(options.peer))
    CONSOLE.print(disk_table([10_000, 20_000] + [60_000] * options.large))
    CONSOLE.print(compile_table(options.peer))
    CONSOLE.print(plain_table())


if __name__ == "__main__":
    main()
