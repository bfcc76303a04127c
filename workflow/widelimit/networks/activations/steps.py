"""Steps: their derivative vanishes almost everywhere, so gradients see the last layer alone."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.activations.arccosine import one_minus_kappa0
from widelimit.networks.layer import layer

__all__ = ["Heaviside", "Sign"]


@layer
class Sign(Activation):
    r""":math:`\phi(z) = \mathrm{sign}(z)`, with :math:`\phi(0) = 0`.

    .. math:: E[\phi\phi] = 1 - \frac{2\theta}{\pi} = \frac2\pi \arcsin c, \qquad E[\phi'\phi'] = 0,

    where the derivative is that of the finite network, zero almost everywhere: the tangent kernel is that
    of the layers behind.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return jnp.sign(z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        new = 2 * one_minus_kappa0(delta)
        return Dual(_nonzero(q1), _nonzero(q2), new, jnp.zeros_like(delta))


@layer
class Heaviside(Activation):
    r""":math:`\phi(z) = 1` for :math:`z > 0`, else 0.

    .. math:: E[\phi\phi] = \tfrac12 \kappa_0(c) = \frac{\pi - \theta}{2\pi}, \qquad E[\phi'\phi'] = 0

    (arc-cosine kernel of order 0, Cho and Saul 2009), with the derivative of the finite network.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return (z > 0).astype(z.dtype)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        return Dual(
            _nonzero(q1) / 2, _nonzero(q2) / 2, one_minus_kappa0(delta), jnp.zeros_like(delta)
        )


def _nonzero(q: jax.Array) -> jax.Array:
    """1 where the variance is positive, else 0."""
    return (q > 0).astype(q.dtype)
