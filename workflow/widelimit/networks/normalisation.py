r"""Layer normalisation."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, layer
from widelimit.networks.masks import counting, emptied
from widelimit.networks.safe import safe_sqrt

__all__ = ["LayerNorm"]


@layer
class LayerNorm(Layer):
    r"""Each sample brought to mean 0 and variance 1 over its channels, or over positions too.

    In the limit the mean over channels is 0 and their variance is q (its mean over positions), so that

    .. math:: K' = \frac{K}{\sqrt{(q_1 + \epsilon)(q_2 + \epsilon)}}, \qquad
              \Theta' = \frac{\Theta}{\sqrt{(q_1 + \epsilon)(q_2 + \epsilon)}} .

    Args:
        positions: normalise over channels and positions together, not over channels alone.
        eps: :math:`\epsilon`, added to the variance.
    """

    positions: bool = False
    eps: float = 1e-12

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return self._normalised(x)

    def apply_masked(
        self,
        params: Params,
        x: Any,
        mask: Any,
        *,
        key: jax.Array | None = None,
        train: bool = False,
    ) -> Any:
        where = counting(mask)[..., None] if self.positions else None
        return emptied(self._normalised(x, where), mask)

    def _normalised(self, x: jax.Array, where: jax.Array | None = None) -> jax.Array:
        axes = tuple(range(1, x.ndim)) if self.positions else -1
        variance = jnp.var(x, axes, keepdims=True, where=where)
        mean = jnp.mean(x, axes, keepdims=True, where=where)
        return (x - mean) / jnp.sqrt(variance + self.eps)

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return mask

    def propagate(self, state: Covariance) -> Covariance:
        if not state.gaussian:
            raise ValueError(
                "LayerNorm got a field that is not Gaussian, whose mean over channels is not zero: put "
                "a Dense or Conv layer in front of it."
            )
        bound = None if state.bound is None else state.bound.normalised()
        if state.mask is None:
            behind = state.each(self._propagate)
        else:
            behind = state.each_sample(self._propagate, *map(counting, state.mask))
        return behind.replace(bound=bound)

    def _propagate(
        self,
        state: Covariance,
        where1: jax.Array | None = None,
        where2: jax.Array | None = None,
    ) -> Covariance:
        variance1, variance2 = state.q1, state.q2
        if self.positions and state.positions:
            variance1 = jnp.mean(state.q1, state.axes1, keepdims=True, where=where1)
            variance2 = jnp.mean(state.q2, state.axes2, keepdims=True, where=where2)
        variance1, variance2 = variance1 + self.eps, variance2 + self.eps
        scale = safe_sqrt(variance1) * safe_sqrt(variance2)
        ntk = None if state.ntk is None else state.ntk / scale
        return state.replace(q1=state.q1 / variance1, q2=state.q2 / variance2, ntk=ntk)
