"""The Gabor function, a wave under a Gaussian."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.activations.activation import Activation, Dual, dual_from_fall
from widelimit.networks.layer import layer
from widelimit.networks.safe import safe_sqrt

__all__ = ["Gabor"]

_NODES, _WEIGHTS = (y / 2 for y in np.polynomial.legendre.leggauss(12))
"""Gauss-Legendre nodes on [-1/2, 1/2] and their weights."""


@layer
class Gabor(Activation):
    r""":math:`\phi(z) = e^{-z^2} \sin z`.

    The factor :math:`e^{-u^2 - v^2}` turns a Gaussian of covariance :math:`\Sigma` into one of covariance
    :math:`(\Sigma^{-1} + 2)^{-1}` and of mass :math:`D^{-1/2}`. With :math:`Q = q_1 q_2 - k^2`,

    .. math:: F(k) = E[\phi\phi] = D^{-1/2} e^{-(q_1 + q_2 + 4 Q)/2D} \sinh(k/D), \qquad
              D = 1 + 2 (q_1 + q_2) + 4 Q,

    and :math:`E[\phi'\phi'] = dF/dk` (Price 1958). Where the fall from :math:`\delta = 0` is small, it is
    the integral of that derivative; F falls within :math:`\delta \sim 1/q`.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return jnp.exp(-(z**2)) * jnp.sin(z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        m = safe_sqrt(q1) * safe_sqrt(q2)

        def seen(delta: jax.Array) -> tuple[jax.Array, ...]:
            return q1, q2, m * (1 - delta), q1 * q2 * delta * (2 - delta)

        def at_one(root1: jax.Array, root2: jax.Array) -> jax.Array:
            return _moment(root1**2, root2**2, root1 * root2, 0)

        def add(total: jax.Array, at: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
            node, weight = at
            return total + weight * _slope(*seen(delta * (0.5 + node))), None

        rule = jnp.asarray(_NODES, m.dtype), jnp.asarray(_WEIGHTS, m.dtype)
        near = m * delta * jax.lax.scan(add, jnp.zeros_like(m * delta), rule)[0]
        far = _moment(q1, q2, m, 0) - _moment(*seen(delta))
        fall = jnp.where(delta * (1 + 2 * m) < 0.2, near, far)
        return dual_from_fall(
            at_one, (q1, q2), _moment(q1, q1, q1, 0), _moment(q2, q2, q2, 0), fall, _slope(*seen(delta))
        )  # fmt: skip


def _moment(q1: jax.Array, q2: jax.Array, k: jax.Array, spread: jax.Array | float) -> jax.Array:
    """F(k), with Q beside k: the difference of two large numbers would have no digits left."""
    d = 1 + 2 * (q1 + q2) + 4 * spread
    return jnp.exp(-(q1 + q2 + 4 * spread) / (2 * d)) * jnp.sinh(k / d) / jnp.sqrt(d)


def _slope(q1: jax.Array, q2: jax.Array, k: jax.Array, spread: jax.Array) -> jax.Array:
    """dF/dk, with dQ/dk = -2k."""
    moment = functools.partial(_moment, q1, q2)
    return jax.jvp(moment, (k, spread), (jnp.ones_like(k), -2 * k))[1]
