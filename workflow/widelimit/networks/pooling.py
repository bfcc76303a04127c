r"""Averages and sums over windows of positions, or over all of them (see `positions`)."""

from __future__ import annotations

import functools
import operator
from math import prod

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, layer
from widelimit.networks.positions import map_positions
from widelimit.networks.windows import Windows, per_axis

__all__ = ["AvgPool", "GlobalAvgPool", "GlobalSumPool", "SumPool"]


class _Pool(Layer):
    """A layer that applies ``pool(x, axes)`` to the axes of positions, with no parameters."""

    def pool(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        """The map along the axes given."""
        raise NotImplementedError

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return self.pool(x, tuple(range(1, x.ndim - 1)))

    def pairs_before(self, after: bool) -> bool:
        return True

    def propagate(self, state: Covariance) -> Covariance:
        return map_positions(state, self.pool)


@layer
class SumPool(_Pool):
    """Sums over windows.

    Args:
        window_shape: cells of the window along each axis of positions.
        strides: distance of neighbouring windows, one number or one for each axis.
        padding: "VALID", "SAME" (zeros) or "CIRCULAR".
    """

    window_shape: tuple[int, ...]
    strides: int | tuple[int, ...] | None = None
    padding: str = "VALID"

    def pool(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        if len(axes) != len(self.window_shape):
            raise ValueError(
                f"{type(self).__name__} with a window of shape {self.window_shape} got a field over "
                f"{len(axes)} axes of positions."
            )
        strides = per_axis(self.strides, len(axes))
        windows = Windows(tuple(self.window_shape), strides, self.padding)
        padded = windows.padded(x, axes)
        cells = (windows.through(padded, cell, axes) for cell in windows.cells())
        return functools.reduce(operator.add, cells)


@layer
class AvgPool(SumPool):
    """Averages over windows; the arguments of `SumPool`, and:

    Args:
        normalize_edges: divide by the number of cells inside of the image, not by all of them.
    """

    normalize_edges: bool = False

    def pool(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        total = super().pool(x, axes)
        if not self.normalize_edges:
            return total / prod(self.window_shape)
        inside = jnp.ones([n if axis in axes else 1 for axis, n in enumerate(x.shape)], x.dtype)
        return total / super().pool(inside, axes)


@layer
class GlobalSumPool(_Pool):
    """The sum over all positions, which leaves the channels."""

    def pool(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        return jnp.sum(x, axes)


@layer
class GlobalAvgPool(_Pool):
    """The mean over all positions, which leaves the channels."""

    def pool(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        return jnp.mean(x, axes)
