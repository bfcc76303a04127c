"""Exponential and Gaussian activations."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.layer import hyper, layer
from widelimit.networks.rounding import apart
from widelimit.networks.safe import safe_sqrt

__all__ = ["Exp", "ExpNormalized", "Gaussian"]


@layer
class Exp(Activation):
    r""":math:`\phi(z) = a e^{b z}`.

    .. math:: E[\phi\phi] = a^2 e^{b^2 (q_1 + q_2 + 2k)/2}, \qquad E[\phi'\phi'] = b^2 E[\phi\phi] .

    Args:
        a, b: factor and rate.
    """

    a: float = hyper(default=1.0)
    b: float = hyper(default=1.0)

    def __call__(self, z: jax.Array) -> jax.Array:
        return self.a * jnp.exp(self.b * z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        b2 = self.b**2
        root1, root2 = safe_sqrt(q1), safe_sqrt(q2)
        exponent = b2 * (apart(root1, root2) ** 2 / 2 + root1 * root2 * delta)
        dot = b2 * self.a**2 * jnp.exp(b2 * (q1 + q2) - exponent)

        def variance(q: jax.Array) -> jax.Array:
            return self.a**2 * jnp.exp(2 * b2 * q)

        return Dual(variance(q1), variance(q2), -jnp.expm1(-exponent), dot)


@layer
class Gaussian(Activation):
    r""":math:`\phi(z) = a e^{-b z^2}`.

    .. math:: E[\phi\phi] = a^2 D^{-1/2}, \qquad E[\phi'\phi'] = 4 a^2 b^2 k\, D^{-3/2}, \qquad
              D = (1 + 2 b q_1)(1 + 2 b q_2) - 4 b^2 k^2,

    since :math:`E e^{-b(u^2 + v^2)} = \det(1 + 2 b \Sigma)^{-1/2}`. With :math:`P_i = 1 + 4 b q_i` the new
    correlation is :math:`(P_1 P_2)^{1/4} D^{-1/2}`, and

    .. math:: D = \sqrt{P_1 P_2} + \frac{4 b^2 (q_1 - q_2)^2}{1 + 2b(q_1 + q_2) + \sqrt{P_1 P_2}}
                + 4 b^2 q_1 q_2 \delta (2 - \delta)

    is a sum of non-negative terms.

    Args:
        a: factor.
        b: rate, at least 0.
    """

    a: float = hyper(default=1.0)
    b: float = hyper(default=1.0)

    def __call__(self, z: jax.Array) -> jax.Array:
        return self.a * jnp.exp(-self.b * z**2)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        b = self.b
        p1, p2 = 1 + 4 * b * q1, 1 + 4 * b * q2
        root = jnp.sqrt(p1 * p2)
        spread = 4 * b**2 * apart(q1, q2) ** 2 / (1 + 2 * b * (q1 + q2) + root)
        excess = spread + 4 * b**2 * q1 * q2 * delta * (2 - delta)
        k = safe_sqrt(q1) * safe_sqrt(q2) * (1 - delta)
        return Dual(
            self.a**2 / jnp.sqrt(p1),
            self.a**2 / jnp.sqrt(p2),
            -jnp.expm1(-jnp.log1p(excess / root) / 2),
            4 * (self.a * b) ** 2 * k / (root + excess) ** 1.5,
        )


@layer
class ExpNormalized(Activation):
    r"""The normalised exponential kernel, which no scalar function has (Shankar et al. 2020).

    .. math:: K' = \sqrt{q_1 q_2}\, e^{\gamma (c + s)}, \qquad \Theta' = \gamma\, e^{\gamma (c + s)}\, \Theta .

    There is no finite network with it.

    Args:
        gamma: :math:`\gamma > 0`.
        shift: s; -1 keeps the variances.
    """

    gamma: float = hyper(default=1.0)
    shift: float = hyper(default=-1.0)

    def __call__(self, z: jax.Array) -> jax.Array:
        raise ValueError(
            "ExpNormalized is defined on kernels alone and has no finite network: use "
            "`widelimit.kernels`, or Exp, whose kernel on inputs of equal norm is of the same form."
        )

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        gain = jnp.exp(self.gamma * (1 + self.shift))
        fall = jnp.expm1(-self.gamma * delta)
        return Dual(gain * q1, gain * q2, -fall, self.gamma * gain * (1 + fall))
