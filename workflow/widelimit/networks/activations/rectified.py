"""Rectified activations: homogeneous, so their duals are arc-cosine functions of the angle alone."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.activations.arccosine import (
    kappa0,
    one_minus_kappa1,
    one_minus_kappa2,
)
from widelimit.networks.covariance import safe_sqrt
from widelimit.networks.layer import hyper, layer

__all__ = ["LeakyRelu", "RectifiedSquare", "Relu"]


@layer
class LeakyRelu(Activation):
    r""":math:`\phi(z) = \max(z, 0) + \alpha \min(z, 0)`.

    .. math:: E[\phi\phi] = \sqrt{q_1 q_2}\,\Big[\alpha c + \tfrac{(1-\alpha)^2}{2}\kappa_1(c)\Big],
        \qquad E[\phi'\phi'] = \alpha + \tfrac{(1-\alpha)^2}{2}\kappa_0(c).

    Args:
        slope: :math:`\alpha`, the slope on the negative side; 0 is ReLU, -1 is the absolute value.
    """

    slope: float = hyper(0.01)

    def __call__(self, z: jax.Array) -> jax.Array:
        return jnp.where(z > 0, z, self.slope * z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        gain = (1 + self.slope**2) / 2
        rectified = (1 - self.slope) ** 2 / 2
        new = (self.slope * delta + rectified * one_minus_kappa1(delta)) / gain
        dot = self.slope + rectified * kappa0(delta)
        return Dual(gain * q1, gain * q2, jnp.clip(new, 0, 2), dot)


@layer
class Relu(Activation):
    r""":math:`\phi(z) = \max(z, 0)`.

    .. math:: E[\phi\phi] = \tfrac12 \sqrt{q_1 q_2}\,\kappa_1(c), \qquad
              E[\phi'\phi'] = \tfrac12 \kappa_0(c)

    (Cho and Saul 2009). At a zero pre-activation the finite network's derivative is 0.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.relu(z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        return Dual(q1 / 2, q2 / 2, one_minus_kappa1(delta), kappa0(delta) / 2)


@layer
class RectifiedSquare(Activation):
    r""":math:`\phi(z) = \max(z, 0)^2`.

    .. math:: E[\phi\phi] = \tfrac32 q_1 q_2\,\kappa_2(c), \qquad
              E[\phi'\phi'] = 2 \sqrt{q_1 q_2}\,\kappa_1(c)

    (arc-cosine kernel of order 2, Cho and Saul 2009).
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.relu(z) ** 2

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        scale = safe_sqrt(q1)[:, None] * safe_sqrt(q2)[None, :]
        dot = 2 * scale * (1 - one_minus_kappa1(delta))
        return Dual(1.5 * q1**2, 1.5 * q2**2, one_minus_kappa2(delta), dot)
