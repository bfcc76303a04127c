"""The Gaussian error linear unit, in its exact form."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual, dual_from_fall
from widelimit.networks.activations.angle import angle
from widelimit.networks.activations.arcsine import arcsine_terms
from widelimit.networks.layer import layer

__all__ = ["Gelu"]


@layer
class Gelu(Activation):
    r""":math:`\phi(z) = z\,\Phi(z)` with the Gaussian distribution function :math:`\Phi`.

    With :math:`s_i = 1 + q_i`, :math:`\beta = 1/s_1 + 1/s_2 - 1` and :math:`D = s_1 s_2 - k^2`,

    .. math:: F(k) = E[\phi\phi] = \frac{k}{4} + \frac{k}{2\pi} \arcsin\frac{k}{\sqrt{s_1 s_2}}
                     + \frac{q_1 q_2 + \beta k^2}{2\pi\sqrt{D}}

    by Gaussian integration by parts, and :math:`E[\phi'\phi'] = dF/dk` (Price 1958). The tanh
    approximation of GELU is another function, with another kernel.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.gelu(z, approximate=False)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        m, k, root_m, root_k, arcsine_m, arcsine_fall = arcsine_terms(q1, q2, delta, offset=1.0)
        beta = 1 / (1 + q1) + 1 / (1 + q2) - 1
        top = m**2 + beta * k**2
        dropped = m * delta  # m - k
        squares = dropped * (m + k)  # m² - k² = D(k) - D(m)
        inverse_roots = squares / (root_m * root_k * (root_m + root_k))  # 1/√D(m) - 1/√D(k)
        fall = (
            dropped / 4
            + (dropped * arcsine_m + k * arcsine_fall) / (2 * jnp.pi)
            + (beta * squares / root_m + top * inverse_roots) / (2 * jnp.pi)
        )
        dot = 0.25 + (
            arcsine_m - arcsine_fall + k * (1 + 2 * beta) / root_k + k * top / root_k**3
        ) / (2 * jnp.pi)
        return dual_from_fall(
            variances=(q1, q2), q1=_variance(q1), q2=_variance(q2), at_one=_at_one(m, arcsine_m, beta, root_m),
            fall=fall, dot=dot,
        )  # fmt: skip


def _at_one(m: jax.Array, arcsine: jax.Array, beta: jax.Array, root: jax.Array) -> jax.Array:
    """F(m): the second moment at correlation one."""
    return m / 4 + (m * arcsine + m**2 * (1 + beta) / root) / (2 * jnp.pi)


def _variance(q: jax.Array) -> jax.Array:
    """E[φ²] at variance q: F(m) with both variances equal."""
    root = jnp.sqrt(1 + 2 * q)
    return _at_one(q, angle(q, root), 2 / (1 + q) - 1, root)
