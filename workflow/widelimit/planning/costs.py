r"""Time, disk and memory of a kernel of N samples, and of regression with it.

.. math:: \text{pairs} = \tfrac12 N (N + 1) + N T

with T test samples. A pair of images costs the same whatever N is. Factors take :math:`N^3/3` multiplications with
additions and :math:`8 N^2` bytes; where that is more than the machine has, conjugate gradients read the kernel once in
each iteration, and hold some of its columns (see `regression`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from widelimit.kernels.tiles import Axis
from widelimit.planning.device import Device, Speed
from widelimit.regression import memory

__all__ = ["COLUMNS", "ITERATIONS", "Costs", "costs"]

COLUMNS = 2000
"""Columns of the kernel that precondition conjugate gradients."""

ITERATIONS = 100
"""Iterations of conjugate gradients for which time is given; how many it takes depends on data and ridge."""

_SHARE = 0.9
"""Of the memory of a machine that a solver may take."""


class Costs(NamedTuple):
    """What a kernel costs.

    Attributes:
        samples: training samples.
        pairs: pairs of inputs.
        tiles: tiles that are computed.
        hours: of one machine, for all pairs.
        bytes: on disk.
        solver: "Cholesky" or "conjugate gradients".
        solve_hours: of one machine; for `ITERATIONS` of conjugate gradients.
        solve_bytes: of memory.
    """

    samples: int
    pairs: int
    tiles: int
    hours: float
    bytes: int
    solver: str
    solve_hours: float
    solve_bytes: int


def costs(
    device: Device,
    speed: Speed,
    samples: int,
    *,
    test: int = 0,
    outputs: int = 10,
    itemsize: int = 4,
    reading: float = 1e9,
) -> Costs:
    """What the tangent kernel of ``samples`` costs on a machine.

    Args:
        device, speed: the machine, and how fast it is with the network.
        samples, test: training samples, and test samples whose kernel with them is computed too.
        outputs: targets of each sample.
        itemsize: bytes of a number on disk.
        reading: bytes per second that come from the disk.
    """
    pairs = samples * (samples + 1) // 2 + samples * test
    rows, columns = (Axis(n, speed.tile).count for n in (samples, test))
    stored = itemsize * pairs
    dense = memory(samples, outputs)
    if dense <= _SHARE * device.memory:
        solver, hours, need = "Cholesky", samples**3 / 3 / device.flops / 3600, dense
    else:
        solver = "conjugate gradients"
        hours = ITERATIONS * itemsize * samples * (samples + 1) / 2 / reading / 3600
        need = 8 * samples * (min(COLUMNS, samples) + 6 * outputs)
    return Costs(
        samples, pairs, rows * (rows + 1) // 2 + rows * columns, pairs / speed.pairs_per_second / 3600, stored,
        solver, hours, math.ceil(need),
    )  # fmt: skip
