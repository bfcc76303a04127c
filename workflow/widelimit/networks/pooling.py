r"""Averages and sums over windows of positions, or over all of them (see `positions`)."""

from __future__ import annotations

import functools
import operator
from math import prod
from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, layer
from widelimit.networks.masks import nothing_present
from widelimit.networks.positions import map_positions
from widelimit.networks.safe import safe_ratio
from widelimit.networks.windows import Windows, per_axis

__all__ = ["AvgPool", "GlobalAvgPool", "GlobalSumPool", "SumPool"]


class _Pool(Layer):
    """A layer that applies ``pool(x, axes)`` to the axes of positions, with no parameters."""

    @property
    def counts(self) -> bool:
        """Whether it divides by the number of positions that it sees, among which absent ones must not be."""
        return False

    def pool(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        """The map along the axes given."""
        raise NotImplementedError

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return self.pool(x, tuple(range(1, x.ndim - 1)))

    def apply_masked(
        self,
        params: Params,
        x: Any,
        mask: Any,
        *,
        key: jax.Array | None = None,
        train: bool = False,
    ) -> Any:
        behind = super().apply_masked(params, x, mask)
        return behind * self._gain(mask, x.dtype)[..., None] if self.counts else behind

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return nothing_present(mask)

    def pairs_before(self, after: bool) -> bool:
        return True

    def propagate(self, state: Covariance) -> Covariance:
        behind = map_positions(state, self.pool)
        if state.mask is None or not self.counts:
            return behind
        gains = (self._gain(mask, state.delta.dtype) for mask in state.mask)
        return behind.each_sample(_multiplied, *gains)

    def _gain(self, mask: jax.Array, dtype: Any) -> jax.Array:
        """The number of all positions that an output sees over that of the present ones, shape (n, *S)."""
        present = (~mask).astype(dtype)
        return safe_ratio(1, self.pool(present, tuple(range(1, mask.ndim))), otherwise=1)


def _multiplied(state: Covariance, gain1: jax.Array, gain2: jax.Array) -> Covariance:
    """The state of a field times something that depends on the sample and position."""
    ntk = None if state.ntk is None else gain1 * gain2 * state.ntk
    return state.replace(q1=gain1**2 * state.q1, q2=gain2**2 * state.q2, ntk=ntk)


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
        windows = self.windows
        padded = windows.padded(x, axes)
        cells = (windows.through(padded, cell, axes) for cell in windows.cells())
        return functools.reduce(operator.add, cells)

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return self.windows.absent(mask)

    @property
    def windows(self) -> Windows:
        strides = per_axis(self.strides, len(self.window_shape))
        return Windows(tuple(self.window_shape), strides, self.padding)


@layer
class AvgPool(SumPool):
    """Averages over windows; the arguments of `SumPool`, and:

    Args:
        normalize_edges: divide by the number of cells inside of the image, not by all of them; cells at absent
            positions are not inside.
    """

    normalize_edges: bool = False

    @property
    def counts(self) -> bool:
        return self.normalize_edges

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
    """The mean over all positions that are present, which leaves the channels."""

    @property
    def counts(self) -> bool:
        return True

    def pool(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        return jnp.mean(x, axes)
