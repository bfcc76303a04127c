"""A kernel that was asked for, and the evaluation of its tiles and blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from tqdm import tqdm

from widelimit.kernels.evaluate import evaluate
from widelimit.kernels.footprint import Footprint
from widelimit.kernels.function import Kernels
from widelimit.kernels.tiles import Axis, Block, Grid, Tile
from widelimit.kernels.workers import in_order
from widelimit.networks import Layer

__all__ = ["Task"]

_DELAY = 2.0
"""Seconds before a bar is shown."""


class Task(NamedTuple):
    """What `compute` was asked for, checked.

    Attributes:
        net: the network.
        x1, x2: inputs in the precision of the result; x2 is None for those of x1.
        inputs1, inputs2: they as the network reads them, NumPy arrays; inputs2 is inputs1 for those of x1.
        asked: names of the kernels.
        dtype, tolerance, progress: as in `compute`.
        footprint: working memory of a tile.
        tile: largest number of rows and columns of a tile; all of them if the network couples samples.
    """

    net: Layer
    x1: np.ndarray
    x2: np.ndarray | None
    inputs1: Any
    inputs2: Any
    asked: tuple[str, ...]
    dtype: str
    tolerance: float
    footprint: Footprint
    tile: tuple[int, int]
    progress: bool

    @property
    def grid(self) -> Grid:
        """All tiles."""
        rows, columns = self.tile
        return Grid(
            Axis(len(self.x1), rows), Axis(len(self.x1 if self.x2 is None else self.x2), columns),
            symmetric=self.x2 is None,
        )  # fmt: skip

    def empty(self, *shape: int) -> dict[str, np.ndarray]:
        """Arrays for the kernels asked for."""
        return {name: np.empty(shape, self.dtype) for name in self.asked}

    def blocks(
        self, blocks: Sequence[Block], place: Callable[[Block], dict[str, np.ndarray]] | None = None
    ) -> Iterator[tuple[Block, dict[str, np.ndarray]]]:
        """Each of the blocks with its kernels, by name.

        Args:
            blocks: which ones.
            place: the arrays to put those of a block into; None makes new ones.
        """
        grid = self.grid
        tiles = (tile for block in blocks for tile in grid.tiles(block))
        sizes = tuple(map(self._size, (grid.rows, grid.columns)))
        found = self._evaluated(tiles, sum(map(grid.count, blocks)), sizes, diagonal=False)
        for block in blocks:
            values = place(block) if place else self.empty(*block.shape)
            for tile in grid.tiles(block):
                _fill(values, block.within(tile), next(found))
            if grid.symmetric and block.i == block.j:
                for value in values.values():
                    _mirror(value)
            yield block, values

    def diagonal(self) -> dict[str, np.ndarray]:
        """The kernels of sample i of x1 with sample i of x2."""
        axis = Axis(len(self.x1), self.tile[0])
        values, size = self.empty(axis.n), self._size(axis)
        tiles = (Tile(part, part) for part in axis.tiles)
        found = self._evaluated(tiles, axis.count, (size, size), diagonal=True)
        for part, kernels in zip(axis.tiles, found, strict=True):
            _fill(values, (part,), kernels)
        return values

    def _evaluated(
        self, tiles: Iterable[Tile], count: int, sizes: tuple[int, ...], *, diagonal: bool
    ) -> Iterator[Kernels[jax.Array]]:
        """The kernels of each tile, in their order, all padded to one shape that is compiled once."""

        def work(tile: Tile) -> Kernels[jax.Array]:
            first = _window(self.inputs1, tile.rows, sizes[0])
            second = None if self.coupled else _window(self.inputs2, tile.columns, sizes[1])
            found = evaluate(
                self.net, first, second, ntk="ntk" in self.asked, tolerance=self.tolerance, diagonal=diagonal
            )  # fmt: skip
            self._check_finite(found)
            return found

        with tqdm(
            total=count, desc="kernel tiles", disable=not self.progress or count < 2,
            mininterval=2, delay=_DELAY,
        ) as bar:  # fmt: skip
            for kernels in in_order(work, tiles, self.dtype):
                bar.update()
                yield kernels

    def _check_finite(self, kernels: Kernels[jax.Array]) -> None:
        finite = [np.all(np.isfinite(kernel)) for kernel in jax.tree.leaves(kernels)]
        if not all(finite):
            # The NNGP comes first.
            raise ValueError(_INFINITE_BATCH if self.coupled and finite[0] else _INFINITE)

    @property
    def coupled(self) -> bool:
        """Whether samples depend on one another, so that there is one tile and no padding."""
        return self.net.couples_samples

    def _size(self, axis: Axis) -> int:
        """Samples to which the tiles of an axis are padded."""
        return axis.n if self.coupled else self.footprint.padded(axis.size, axis.tile)


_INFINITE = (
    "the kernel has entries that are NaN, or larger than numbers of its precision: look for NaN in the "
    "hyper-parameters, scale the weights or the inputs down, or compute in float64."
)

_INFINITE_BATCH = (
    "the tangent kernel of this batch is infinite: in front of BatchNormRelu its samples span fewer than "
    "three dimensions around their mean. Add samples that differ, or features; get='nngp' is finite."
)


def _fill(
    values: dict[str, np.ndarray], place: tuple[slice, ...], kernels: Kernels[jax.Array]
) -> None:
    """Put a tile in its place, without the samples behind it."""
    for name, whole in values.items():
        here = whole[place]
        here[...] = np.asarray(getattr(kernels, name))[tuple(map(slice, here.shape))]


def _mirror(square: np.ndarray) -> None:
    """The lower triangle from the upper one, in place."""
    np.copyto(square, square.T.copy(), where=np.tri(len(square), k=-1, dtype=bool))


def _window(inputs: Any, rows: slice, size: int) -> Any:
    """``size`` samples from the first of ``rows`` on: those behind, if there are some, which costs no copy."""

    def of(x: np.ndarray) -> np.ndarray:
        found = x[rows.start : rows.start + size]
        if len(found) == size:
            return found
        return np.pad(found, [(0, size - len(found))] + [(0, 0)] * (x.ndim - 1), mode="edge")

    return jax.tree.map(of, inputs)
