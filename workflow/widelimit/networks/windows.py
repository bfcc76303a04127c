"""Windows that slide over positions: geometry that convolutions and pooling share.

A window of shape (k₁, k₂, …) has cells; cell d of the window at output position s covers the input
position s·stride + d·dilation − padding. An array *seen through* a cell has the value of that input
position at each output position, and zero where the padding lies.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

import jax
import jax.numpy as jnp

__all__ = ["PADDINGS", "Windows", "per_axis"]

PADDINGS = ("SAME", "VALID", "CIRCULAR")
"""Zeros so that stride 1 keeps the shape; none; or the image continued periodically."""


@dataclasses.dataclass(frozen=True)
class Windows:
    """Windows over positions.

    Attributes:
        shape: cells along each axis.
        strides: distance of neighbouring windows along each axis.
        padding: one of `PADDINGS`.
        dilation: distance of neighbouring cells along each axis.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str = "SAME"
    dilation: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.dilation:
            object.__setattr__(self, "dilation", (1,) * len(self.shape))
        if self.padding not in PADDINGS:
            raise ValueError(f"padding is {self.padding!r}, expected one of {', '.join(PADDINGS)}.")
        if not len(self.shape) == len(self.strides) == len(self.dilation):
            raise ValueError(
                f"window {self.shape}, strides {self.strides} and dilation {self.dilation} "
                "must have one entry for each axis of positions."
            )
        if min((1, *self.shape, *self.strides, *self.dilation)) < 1:
            raise ValueError(
                f"window {self.shape}, strides {self.strides} and dilation {self.dilation} "
                "must all be at least 1."
            )

    def reach(self, axis: int) -> int:
        """Input positions that a window spans along an axis."""
        return (self.shape[axis] - 1) * self.dilation[axis] + 1

    def pads(self, axis: int, length: int) -> tuple[int, int]:
        """Positions to add before and after an axis of ``length``."""
        if self.padding == "VALID":
            return 0, 0
        outputs = -(-length // self.strides[axis])
        total = max((outputs - 1) * self.strides[axis] + self.reach(axis) - length, 0)
        return total // 2, total - total // 2

    def padded(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        """The array with its padding; ``axes`` are its axes of positions."""
        widths = [(0, 0)] * x.ndim
        for axis, of in enumerate(axes):
            if x.shape[of] < self.reach(axis) and self.padding == "VALID":
                raise ValueError(
                    f"a window of {self.shape} (reach {self.reach(axis)}) does not fit into "
                    f"{x.shape[of]} positions without padding: use padding='SAME'."
                )
            widths[of] = self.pads(axis, x.shape[of])
        return jnp.pad(x, widths, mode="wrap" if self.padding == "CIRCULAR" else "constant")

    def absent(self, mask: jax.Array) -> jax.Array:
        """Which windows are absent, from which positions are, shape (n, *S); see `masks`."""
        if self.padding == "VALID":
            shape, strides, dilation = (
                (1, *sizes) for sizes in (self.shape, self.strides, self.dilation)
            )
            return jax.lax.reduce_window(
                mask, False, jax.lax.bitwise_or, shape, strides, "VALID", window_dilation=dilation
            )
        for axis, stride in enumerate(self.strides):
            before, _ = self.pads(axis, mask.shape[axis + 1])
            middle = (self.reach(axis) - 1) // 2 - before
            mask = jax.lax.slice_in_dim(mask, middle, None, stride, axis + 1)
        return mask

    def cells(self) -> Iterator[tuple[int, ...]]:
        """The index of each cell."""
        return itertools.product(*(range(n) for n in self.shape))

    def through(
        self, padded: jax.Array, cell: Sequence[int] | jax.Array, axes: tuple[int, ...]
    ) -> jax.Array:
        """A padded array seen through one cell, whose index may be traced."""
        for axis, of in enumerate(axes):
            start = cell[axis] * self.dilation[axis]
            length = padded.shape[of] - self.reach(axis) + 1
            padded = jax.lax.dynamic_slice_in_dim(padded, start, length, of)
            padded = jax.lax.slice_in_dim(padded, 0, length, self.strides[axis], of)
        return padded


def per_axis(value: int | tuple[int, ...] | None, axes: int) -> tuple[int, ...]:
    """One number for each axis; None means 1."""
    if value is None:
        return (1,) * axes
    return (value,) * axes if isinstance(value, int) else tuple(value)
