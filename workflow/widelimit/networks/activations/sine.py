"""The sine."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual, dual_from_fall
from widelimit.networks.covariance import safe_sqrt
from widelimit.networks.layer import layer

__all__ = ["Sin"]


@layer
class Sin(Activation):
    r""":math:`\phi(z) = \sin z`.

    .. math:: E[\phi\phi] = e^{-(q_1+q_2)/2} \sinh k, \qquad E[\phi'\phi'] = e^{-(q_1+q_2)/2} \cosh k,

    from :math:`\sin u \sin v = \frac12[\cos(u-v) - \cos(u+v)]` and
    :math:`E\cos z = e^{-\mathrm{Var} z/2}`. The exponents are joined before exponentiating, so that
    large variances do not overflow.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return jnp.sin(z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        root1, root2 = safe_sqrt(q1)[:, None], safe_sqrt(q2)[None, :]
        dropped = root1 * root2 * delta  # √(q1 q2) - k
        minus = -((root1 - root2) ** 2) / 2
        plus = -((root1 + root2) ** 2) / 2
        return dual_from_fall(
            q1=_variance(q1),
            q2=_variance(q2),
            at_one=(jnp.exp(minus) - jnp.exp(plus)) / 2,
            fall=(-jnp.exp(minus) * jnp.expm1(-dropped) + _scaled_expm1(plus, dropped)) / 2,
            dot=(jnp.exp(minus - dropped) + jnp.exp(plus + dropped)) / 2,
        )


def _variance(q: jax.Array) -> jax.Array:
    """E sin² at variance q."""
    return -jnp.expm1(-2 * q) / 2


def _scaled_expm1(exponent: jax.Array, x: jax.Array) -> jax.Array:
    """exp(exponent) (exp(x) - 1) for x ≥ 0 without overflow and, at small x, without cancellation."""
    large = jnp.exp(exponent + x) - jnp.exp(exponent)
    return jnp.where(x < 1, jnp.exp(exponent) * jnp.expm1(jnp.minimum(x, 1)), large)
