"""Pairs of images on a device: the same call as ``images`` of the compiled code for processors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import cuda

from widelimit.gpu.places import Geometry
from widelimit.gpu.walk import walk
from widelimit.native import bends
from widelimit.native.image_steps import Readout
from widelimit.native.levels import Level, levels, table_of
from widelimit.native.places import meetings
from widelimit.native.steps import Kind

__all__ = ["images", "knows"]

_KEPT = 2**30
"""Bytes of images that are kept between two levels, at most, for the pairs that a device takes at once."""

_TOGETHER = 2**14
"""Pairs that a device takes at once, at most: a driver that shows a screen too ends kernels that take seconds."""

_SHARED = 48 * 2**10
"""Bytes that a block of threads may share on any device."""

_THREADS = 1024
"""Threads of a block, at most."""


def knows(kinds: np.ndarray, size: tuple[int, ...], dtype: Any, *, periodic: bool) -> bool:
    """Whether a device can carry images through a program: activations are piecewise linear, and a block has room."""
    if not bends.knows(kinds) or size[1] > _THREADS:
        return False
    found = levels(kinds, (size[0], size[1]), everywhere=True, periodic=periodic)
    return max(level.numbers for level in found) * np.dtype(dtype).itemsize <= _SHARED


def images(
    kinds: np.ndarray, numbers: np.ndarray, _tables: np.ndarray, shape: tuple[int, ...],
    x1: np.ndarray, known1: np.ndarray, x2: np.ndarray, known2: np.ndarray,
    periodic: bool, paired: bool, triangle: bool, readout: int, nngp: np.ndarray, theta: np.ndarray,
    *, device: int = 0,
) -> None:  # fmt: skip
    """Carry pairs of images through a program, and put sums over positions into arrays (see ``_engine.pyi``).

    Args:
        device: its number among those that this process sees.
        others: as there.
    """
    height, width, channels = shape
    everywhere = readout == Readout.ALL_POSITIONS
    found = levels(kinds, (height, width), everywhere=everywhere, periodic=periodic)
    scales = [0.0, *numbers[kinds[:, 0] == Kind.POOL, 0]]
    stages = [_Stage.of(*both, x1.dtype, periodic) for both in zip(found, scales, strict=True)]
    pixels = [x.reshape(len(x), -1, channels) for x in (x1, x2)]
    pairs = meetings(len(x1), len(x2), paired=paired, triangle=triangle)
    with cuda.gpus[device]:
        task = _Task(
            stages,
            *map(_sent, (table_of(kinds), numbers.astype(x1.dtype), *pixels, known1, known2)),
        )
        for some in np.split(pairs, range(task.together, len(pairs), task.together)):
            rows, columns = some.T
            if readout == Readout.VARIANCES:
                nngp[rows] = task.kept(some)[:, 0, 0, 0].reshape(len(some), -1)
            else:
                at = rows, columns * (not paired)
                nngp[at], theta[at] = task.sums(some).sum(axis=(1, 2)).T


def _sent(x: np.ndarray) -> Any:
    """An array on the device, where none is empty."""
    shape = [max(1, n) for n in x.shape]
    return cuda.to_device(np.ascontiguousarray(x) if x.size else np.zeros(shape, x.dtype))


class _Stage(NamedTuple):
    """A level with its kernel.

    Attributes:
        level: the level.
        scale: what sums of its pooling in front are multiplied by.
        kernel: see `walk`.
        dtype: of images.
        periodic: whether windows go on at the other end.
    """

    level: Level
    scale: float
    kernel: Any
    dtype: np.dtype
    periodic: bool

    @classmethod
    def of(cls, level: Level, scale: float, dtype: np.dtype, periodic: bool) -> _Stage:
        return cls(level, scale, walk(dtype.name, pooled=level.first > 0), dtype, periodic)

    @property
    def kept(self) -> tuple[int, ...]:
        """Of one pair, the shape of images behind it."""
        return (*self.level.displacements, 2, *self.level.behind)

    def geometry(self, front: tuple[int, int], *, keeps: bool) -> Geometry:
        """What the kernel knows of the level.

        Args:
            front: height and width in front of the level before.
            keeps: whether images behind are kept.
        """
        level = self.level
        return Geometry(
            level.first, level.last, level.height, level.width, *level.behind, *level.displacements,
            level.slots, level.shift, level.slots * level.width, int(self.periodic), int(keeps), *front,
        )  # fmt: skip


class _Task(NamedTuple):
    """A program, and images with what is known of them, on a device."""

    stages: list[_Stage]
    program: Any
    numbers: Any
    x1: Any
    x2: Any
    known1: Any
    known2: Any

    @property
    def together(self) -> int:
        """Pairs at once."""
        kept = (int(np.prod(s.kept)) * s.dtype.itemsize for s in self.stages[:-1])
        return max(1, min(_TOGETHER, _KEPT // max([1, *kept])))

    def sums(self, pairs: np.ndarray) -> np.ndarray:
        """Sums over positions, shape (pairs, rows, columns, 2)."""
        shape = (len(pairs), *self.stages[-1].level.displacements, 2)
        found = cuda.device_array(shape, np.float64)
        self._run(pairs, None, found)
        return found.copy_to_host()

    def kept(self, pairs: np.ndarray) -> np.ndarray:
        """Images behind the last level, shape (pairs, rows, columns, 2, height, width)."""
        found = self._kept(self.stages[-1], len(pairs))
        self._run(pairs, found, None)
        return found.copy_to_host()

    def _kept(self, stage: _Stage, pairs: int) -> Any:
        return cuda.device_array((pairs, *stage.kept), stage.dtype)

    def _run(self, pairs: np.ndarray, kept: Any, sums: Any) -> None:
        ends = [*(self._kept(stage, len(pairs)) for stage in self.stages[:-1]), kept]
        sides, front, which = (self.x1, self.x2), (0, 0), cuda.to_device(pairs)
        for stage, end in zip(self.stages, ends, strict=True):
            level, dtype = stage.level, stage.dtype
            blocks = len(pairs) * int(np.prod(level.displacements))
            keeps = end is not None
            stage.kernel[blocks, level.width, 0, level.numbers * dtype.itemsize](
                stage.geometry(front, keeps=keeps), self.program, self.numbers, which,
                *(sides if level.first == 0 else (sides[0], cuda.to_device(np.array([stage.scale], dtype)))),
                self.known1, self.known2,
                end if keeps else cuda.device_array((1,) * 6, dtype),
                cuda.device_array((1,) * 4, np.float64) if keeps else sums,
            )  # fmt: skip
            sides, front = (end, None), (level.height, level.width)
