"""The error function."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual, dual_from_fall
from widelimit.networks.activations.arcsine import arcsine_terms
from widelimit.networks.layer import layer

__all__ = ["Erf"]


@layer
class Erf(Activation):
    r""":math:`\phi(z) = \mathrm{erf}(z)` (Williams 1997).

    .. math:: E[\phi\phi] = \frac{2}{\pi} \arcsin \frac{k}{\sqrt{(q_1 + 1/2)(q_2 + 1/2)}}, \qquad
              E[\phi'\phi'] = \frac{2}{\pi} \frac{1}{\sqrt{(q_1 + 1/2)(q_2 + 1/2) - k^2}}.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.scipy.special.erf(z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        terms = arcsine_terms(q1, q2, delta, offset=0.5)
        scale = 2 / jnp.pi
        return dual_from_fall(
            q1=scale * _arcsine_of_variance(q1),
            q2=scale * _arcsine_of_variance(q2),
            at_one=scale * terms.arcsine_m,
            fall=scale * terms.fall,
            dot=scale / terms.root_k,
        )


def _arcsine_of_variance(q: jax.Array) -> jax.Array:
    r""":math:`\arcsin(q/(q + 1/2))` as an arctangent."""
    return jnp.arctan2(q, jnp.sqrt(0.25 + q))
