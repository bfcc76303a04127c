r"""Transposed convolutions.

Zeros are put between the positions of the input, stride - 1 of them, and a convolution with stride 1 follows,
padded as in `jax.lax.conv_transpose`. The fan-in counts all cells of the window, though each output sees
some of them only.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from widelimit.networks.convolution import Conv
from widelimit.networks.layer import layer
from widelimit.networks.windows import Windows, per_axis

__all__ = ["ConvTranspose"]


@dataclasses.dataclass(frozen=True)
class _Spread(Windows):
    """Windows of stride 1 over positions that are ``spread`` apart, with zeros between them."""

    spread: tuple[int, ...] = ()

    def padded(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        spread = [(0, 0, 0)] * x.ndim
        widths = [(0, 0)] * x.ndim
        for axis, of in enumerate(axes):
            # Also behind the last position: then the whole is periodic.
            gap = self.spread[axis] - 1
            spread[of] = (0, gap, gap)
            low, high = self._ends(axis)
            widths[of] = (low, high - gap)
        x = jax.lax.pad(x, jnp.zeros((), x.dtype), spread)
        if self.padding == "CIRCULAR":
            return jnp.pad(x, [(low, max(high, 0)) for low, high in widths], mode="wrap")
        return jax.lax.pad(x, jnp.zeros((), x.dtype), [(low, high, 0) for low, high in widths])

    def absent(self, mask: jax.Array) -> jax.Array:
        # A present position makes all outputs from its own to the end of its window, or to the next one's.
        covered = [
            max(spread, self.reach(axis)) if self.padding == "VALID" else spread
            for axis, spread in enumerate(self.spread)
        ]
        return ~jax.lax.reduce_window(
            ~mask, False, jax.lax.bitwise_or, (1, *covered), (1,) * mask.ndim,
            [(0, 0), *((n - 1, n - 1) for n in covered)], base_dilation=(1, *self.spread),
        )  # fmt: skip

    def _ends(self, axis: int) -> tuple[int, int]:
        """Zeros before the first position and behind the last; SAME has ``spread`` outputs for each."""
        reach, spread = self.reach(axis), self.spread[axis]
        if self.padding == "VALID":
            return reach - 1, reach - 1 + max(spread - reach, 0)
        total = reach + spread - 2
        low = reach - 1 if spread > reach - 1 else -(-total // 2)
        return low, total - low


@layer
class ConvTranspose(Conv):
    """A transposed convolution: ``strides`` outputs along each axis for one input; arguments as in `Conv`."""

    @property
    def windows(self) -> Windows:
        axes = len(self.filter_shape)
        return _Spread(
            tuple(self.filter_shape), (1,) * axes, self.padding, per_axis(self.dilation, axes),
            per_axis(self.strides, axes),
        )  # fmt: skip
