"""A program of steps, cut at its poolings.

Between two of them all convolutions move both positions of a pair alike, so that the pairs of one displacement are an
image of their own. Displacements are taken modulo the size of images: pairs of rows (y, y + d) and those of (y, y + d - H)
fill the H rows of one image, and columns likewise, so that no thread is without a pair.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from widelimit.native.steps import Kind

__all__ = ["Level", "levels", "table_of"]


class Level(NamedTuple):
    """The steps between two poolings.

    Attributes:
        first, last: of the program.
        height, width: of images in front of them.
        behind: height and width behind them.
        reach: the largest displacements of rows and columns that are needed.
        depth: images at once, as branches wait.
        shift: rows by which an image moves up in its ring with each convolution.
    """

    first: int
    last: int
    height: int
    width: int
    behind: tuple[int, int]
    reach: tuple[int, int]
    depth: int
    shift: int

    @property
    def displacements(self) -> tuple[int, int]:
        """Displacements of rows and columns, modulo the size, that hold all within reach."""
        return (min(self.height, 2 * self.reach[0] + 1), min(self.width, 2 * self.reach[1] + 1))

    @property
    def reach_in_front(self) -> tuple[int, int]:
        """What the level in front needs, as a pooling joins displacements."""
        return 2 * self.reach[0] + 1, 2 * self.reach[1] + 1

    @property
    def slots(self) -> int:
        """Rows of a ring: a convolution reads rows that are not yet written over."""
        return self.height + self.shift

    @property
    def numbers(self) -> int:
        """Numbers that a block of threads holds: second moments and tangent kernels of its images."""
        return 2 * self.depth * self.slots * self.width


def table_of(kinds: np.ndarray) -> np.ndarray:
    """Rows of a program for the device: those of `Steps.kinds`, with where what is known begins instead of how much."""
    known = kinds[:, 1] * kinds[:, 6] * kinds[:, 7]
    table = kinds.copy()
    table[:, 1] = np.cumsum(known) - known
    return table


def levels(
    kinds: np.ndarray, size: tuple[int, int], *, everywhere: bool, periodic: bool
) -> list[Level]:
    """The levels of a program.

    Args:
        kinds: as in `Steps`.
        size: height and width of images.
        everywhere: whether all pairs of positions are read out, and not only equal ones.
        periodic: whether windows go on at the other end.
    """
    ends = [*np.flatnonzero(kinds[:, 0] == Kind.POOL), len(kinds)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    fronts = [size, *(_size(kinds[end]) for end in ends[:-1])]
    found: list[Level] = []
    for first, last, front in reversed(list(zip(starts, ends, fronts, strict=True))):
        rows = kinds[first:last]
        height, width = behind = _size(rows[-1]) if len(rows) else front
        y, x = (behind if everywhere else (0, 0)) if not found else found[-1].reach_in_front
        reach = min(y, height - 1), min(x, width - 1)
        top = max((int(row[4]) for row in rows if row[0] == Kind.CONVOLVE), default=0)
        shift = front[0] if periodic else top + 1
        level = Level(int(first), int(last), front[0], front[1], behind, reach, _depth(rows), shift)
        found.append(level)
    return found[::-1]


def _size(row: np.ndarray) -> tuple[int, int]:
    """Height and width behind a step."""
    return int(row[6]), int(row[7])


def _depth(rows: np.ndarray) -> int:
    change = (rows[:, 0] == Kind.COPY).astype(int) - (rows[:, 0] == Kind.ADD)
    return 1 + int(np.cumsum(change).max(initial=0))
