"""A kernel that was asked for, and the evaluation of its tiles and blocks."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from widelimit.kernels.evaluate import evaluate
from widelimit.kernels.footprint import Footprint
from widelimit.kernels.images import Images
from widelimit.kernels.places import Place
from widelimit.kernels.sides import Side, windows
from widelimit.kernels.stack import Stack
from widelimit.kernels.tiles import Axis, Block, Grid, Tile, length
from widelimit.kernels.workers import in_order
from widelimit.networks import Layer

__all__ = ["Task"]

_DELAY = 2.0
"""Seconds before a bar is shown."""


class Task(NamedTuple):
    """What `compute` was asked for, checked.

    Attributes:
        net: the network.
        x1, x2: the samples; x2 is None for those of x1.
        asked: names of the kernels.
        dtype, tolerance, progress: as in `compute`.
        footprint: working memory of a tile.
        tile: largest number of rows and columns of a tile; all of them if the network couples samples.
        compiled: what fills its tiles in the place of XLA, if anything.
    """

    net: Layer
    x1: Side
    x2: Side | None
    asked: tuple[str, ...]
    dtype: str
    tolerance: float
    footprint: Footprint
    tile: tuple[int, int]
    progress: bool
    compiled: Images | Stack | None

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
        self, blocks: Sequence[Block], place: Callable[[Block], Place]
    ) -> Iterator[tuple[Block, dict[str, np.ndarray]]]:
        """Each of the blocks with its kernels, by name.

        Args:
            blocks: which ones.
            place: where those of a block go; it is called shortly before they are computed.
        """
        waiting: deque[Place] = deque()

        def tiles() -> Iterator[tuple[Tile, Place]]:
            for block in blocks:
                waiting.append(place(block))
                for tile in self.grid.tiles(block):
                    yield tile, waiting[-1].part(*block.within(tile))

        counts = [self.grid.count(block) for block in blocks]
        filled = self._filled(tiles(), sum(counts), diagonal=False)
        for block, count in zip(blocks, counts, strict=True):
            deque(itertools.islice(filled, count), maxlen=0)
            yield block, waiting.popleft().values

    def diagonal(self) -> dict[str, np.ndarray]:
        """The kernels of sample i of x1 with sample i of x2."""
        axis = Axis(len(self.x1), self.tile[0])
        values = self.empty(axis.n)
        tiles = (
            (Tile(part, part), Place({name: x[part] for name, x in values.items()}))
            for part in axis.tiles
        )
        deque(self._filled(tiles, axis.count, diagonal=True), maxlen=0)
        return values

    def _filled(
        self, tiles: Iterable[tuple[Tile, Place]], count: int, *, diagonal: bool
    ) -> Iterator[None]:
        """Once for each tile that is in its place, in their order; all are padded to one shape that is compiled once."""
        axes = self.grid.rows, self.grid.rows if diagonal else self.grid.columns
        size1, size2 = map(self._size, axes)
        windows1 = windows(self.net, self.x1, size1)
        windows2 = windows1 if self.x2 is None else windows(self.net, self.x2, size2)

        def work(job: tuple[Tile, Place]) -> None:
            (rows, columns), place = job
            first = windows1(rows, self._read(rows, size1))
            second = None if self.coupled else windows2(columns, self._read(columns, size2))
            if self.compiled is not None:
                if not self.compiled.fill(first, second, place):
                    raise ValueError(_INFINITE)
                return
            found = evaluate(
                self.net, first, second, ntk="ntk" in self.asked, tolerance=self.tolerance, diagonal=diagonal
            )  # fmt: skip
            self._check_finite(found._asdict())
            place.put(found)

        with tqdm(
            total=count, desc="kernel tiles", disable=not self.progress or count < 2,
            mininterval=2, delay=_DELAY,
        ) as bar:  # fmt: skip
            for _ in in_order(work, tiles, self.dtype):
                bar.update()
                yield

    def _check_finite(self, kernels: Mapping[str, Any]) -> None:
        finite = {name: np.all(np.isfinite(x)) for name, x in kernels.items() if x is not None}
        if not all(finite.values()):
            raise ValueError(_INFINITE_BATCH if self.coupled and finite["nngp"] else _INFINITE)

    @property
    def coupled(self) -> bool:
        """Whether samples depend on one another, so that there is one tile and no padding."""
        return self.net.couples_samples

    def _size(self, axis: Axis) -> int:
        """Samples to which the tiles of an axis are padded."""
        return axis.n if self.coupled else self.footprint.padded(axis.size, axis.tile)

    def _read(self, part: slice, size: int) -> int:
        """Samples that are read for a tile, with those to which it is padded."""
        padded = self.compiled is None or self.compiled.pads
        return size if padded else length(part)


_INFINITE = (
    "the kernel has entries that are NaN, or larger than numbers of its precision: look for NaN in the "
    "hyper-parameters, scale the weights or the inputs down, or compute in float64."
)

_INFINITE_BATCH = (
    "the tangent kernel of this batch is infinite: in front of BatchNormRelu its samples span fewer than "
    "three dimensions around their mean. Add samples that differ, or features; get='nngp' is finite."
)
