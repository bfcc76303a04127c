r"""Joining all positions and channels into one vector."""

from __future__ import annotations

from math import prod

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, layer
from widelimit.networks.masks import nothing_present
from widelimit.networks.mixture import Part, mixture_along
from widelimit.networks.positions import equal_positions

__all__ = ["Flatten"]


@layer
class Flatten(Layer):
    r"""All positions and channels in one axis.

    A fully connected layer behind it has independent weights for each position, so that it sees the mean
    :math:`\frac1{|S|} \sum_s K(s, s)` and never two different positions: networks that end in it need
    covariances at equal positions alone.
    """

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return x.reshape(len(x), -1)

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return nothing_present(mask)

    def pairs_before(self, after: bool) -> bool:
        return False

    def propagate(self, state: Covariance) -> Covariance:
        if state.positions == 0:
            return state
        state = equal_positions(state)
        axes = state.axes1
        count = prod(state.delta.shape[axis] for axis in axes)
        q1, q2, delta = mixture_along(Part(state.q1, state.q2, state.delta), axes)
        return state.replace(
            q1=jnp.squeeze(q1, axes) / count,
            q2=jnp.squeeze(q2, axes) / count,
            delta=jnp.squeeze(delta, axes),
            ntk=None if state.ntk is None else jnp.mean(state.ntk, axes),
            bound=None if state.bound is None else state.bound.mixed(),
            gaussian=False, channels=state.channels * count, positions=0,
        ).sloped(None if state.products is None else jnp.mean(state.products, axes))  # fmt: skip
