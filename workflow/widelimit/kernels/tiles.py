"""How a kernel is cut: tiles are evaluated at once, and files on disk hold some of them together."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Axis", "Block", "Grid", "Tile", "length"]

_FILE = (32, 2048)
"""Samples along each side of a file, at least and at most: where tiles are smaller, a file holds many of them."""

_FILES = 256
"""Files along each side of a kernel, about, unless these bounds or larger tiles say otherwise."""


class Tile(NamedTuple):
    """Samples whose kernels are evaluated at once."""

    rows: slice
    columns: slice


class Block(NamedTuple):
    """Tiles that are stored together, as number ``i, j`` of their rows and columns.

    Attributes:
        i, j: position in the grid of blocks.
        rows, columns: the samples.
    """

    i: int
    j: int
    rows: slice
    columns: slice

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return length(self.rows), length(self.columns)

    def within(self, tile: Tile) -> tuple[slice, slice]:
        """Where a tile lies in this block."""
        return _shift(tile.rows, self.rows.start), _shift(tile.columns, self.columns.start)


@dataclasses.dataclass(frozen=True)
class Axis:
    """``n`` samples in the fewest equal parts of at most ``tile``, whose lengths differ by at most one."""

    n: int
    tile: int

    @property
    def count(self) -> int:
        """Number of tiles."""
        return math.ceil(self.n / self.tile)

    @property
    def size(self) -> int:
        """Samples of the largest tile; as ``tile`` it gives the same axis."""
        return max(1, math.ceil(self.n / max(self.count, 1)))

    @property
    def tiles(self) -> list[slice]:
        """The samples of each tile."""
        return [part for tiles in self.blocks for part in tiles]

    @property
    def blocks(self) -> list[list[slice]]:
        """The tiles of each block."""
        low, high = _FILE
        file = min(max(low, self.n // _FILES), high)
        return _blocks(self.n, self.count, math.ceil(file / self.size))


@functools.lru_cache(maxsize=16)
def _blocks(n: int, count: int, group: int) -> list[list[slice]]:
    edges = [i * n // max(count, 1) for i in range(count + 1)]
    tiles = [slice(a, b) for a, b in itertools.pairwise(edges)]
    return [tiles[i : i + group] for i in range(0, count, group)]


@dataclasses.dataclass(frozen=True)
class Grid:
    """All tiles of a kernel; of a symmetric one those on and above the diagonal.

    Attributes:
        rows, columns: the two axes, the same if symmetric.
        symmetric: whether both sets of inputs are the same.
    """

    rows: Axis
    columns: Axis
    symmetric: bool

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the kernel."""
        return self.rows.n, self.columns.n

    @property
    def chunks(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Lengths of the blocks along both axes."""
        rows, columns = ([_join(b) for b in axis.blocks] for axis in (self.rows, self.columns))
        return tuple(map(length, rows)), tuple(map(length, columns))

    def blocks(self) -> Iterator[Block]:
        """All blocks, row by row."""
        columns = [_join(tiles) for tiles in self.columns.blocks]
        for i, tiles in enumerate(self.rows.blocks):
            for j in range(i if self.symmetric else 0, len(columns)):
                yield Block(i, j, _join(tiles), columns[j])

    def share(self, part: int, parts: int) -> list[Block]:
        """The blocks of one of ``parts`` shares, with about as many tiles each: all that end within its stretch."""
        blocks = list(self.blocks())
        ends = list(itertools.accumulate(map(self.count, blocks)))
        low, high = (ends[-1] * i / parts if ends else 0 for i in (part, part + 1))
        return [block for block, end in zip(blocks, ends, strict=True) if low < end <= high]

    def tiles(self, block: Block) -> Iterator[Tile]:
        """The tiles of one block that have to be evaluated."""
        for rows in self.rows.blocks[block.i]:
            for columns in self.columns.blocks[block.j]:
                if not self.symmetric or rows.start <= columns.start:
                    yield Tile(rows, columns)

    def count(self, block: Block) -> int:
        """Number of tiles of one block that have to be evaluated."""
        rows, columns = len(self.rows.blocks[block.i]), len(self.columns.blocks[block.j])
        return rows * (rows + 1) // 2 if self.symmetric and block.i == block.j else rows * columns


def length(part: slice) -> int:
    """Number of samples of a slice."""
    return part.stop - part.start


def _join(parts: list[slice]) -> slice:
    return slice(parts[0].start, parts[-1].stop)


def _shift(part: slice, start: int) -> slice:
    return slice(part.start - start, part.stop - start)
