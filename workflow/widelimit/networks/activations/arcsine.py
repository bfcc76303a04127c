r"""The arcsine integrals behind erf and GELU, as differences that lose no digits.

For Gaussians of variances :math:`q_1, q_2` and covariance :math:`k = \sqrt{q_1 q_2}(1 - \delta)`, at most
:math:`m = \sqrt{q_1 q_2}`, both activations lead to angles :math:`\mu \le \kappa` with

.. math:: \cos\mu = m/g, \qquad \cos\kappa = k/g, \qquad g = \sqrt{s_1 s_2}, \qquad s_i = q_i + a > q_i ,

and what is needed is the fall :math:`\arcsin(m/g) - \arcsin(k/g) = \kappa - \mu` of the arcsine from its value
at :math:`\delta = 0`. All is in cosines and sines, so that variances may be as large as numbers are.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from widelimit.networks.activations.angle import angle
from widelimit.networks.safe import safe_sqrt

__all__ = ["ArcsineTerms", "arcsine_at_one", "arcsine_of_variance", "arcsine_terms"]


class ArcsineTerms(NamedTuple):
    r"""Arrays that broadcast to shape (n1, n2).

    Attributes:
        scale: :math:`g`.
        cos_m, sin_m: of :math:`\mu`.
        cos_k, sin_k: of :math:`\kappa`.
        arcsine_m: :math:`\arcsin(m/g)`.
        fall: :math:`\kappa - \mu`, in :math:`[0, \pi]`.
    """

    scale: jax.Array
    cos_m: jax.Array
    sin_m: jax.Array
    cos_k: jax.Array
    sin_k: jax.Array
    arcsine_m: jax.Array
    fall: jax.Array


def arcsine_terms(q1: jax.Array, q2: jax.Array, delta: jax.Array, offset: float) -> ArcsineTerms:
    r"""The terms for :math:`s_i = q_i + a` with ``offset`` :math:`a > 0`.

    .. math:: \sin^2\kappa &= \sin^2\mu + \cos^2\mu\,\delta(2 - \delta), \\
              \sin(\kappa-\mu) &= \sin\kappa\cos\mu - \cos\kappa\sin\mu
              = \frac{\cos^2\mu\,\delta(2 - \delta)}{\sin\kappa\cos\mu + \cos\kappa\sin\mu},

    where the second form serves :math:`k > 0`.
    """
    scale, cos_m, sin_m, arcsine_m = arcsine_at_one(safe_sqrt(q1), safe_sqrt(q2), offset)
    cos_k = cos_m * (1 - delta)
    risen = cos_m**2 * delta * (2 - delta)
    sin_k = jnp.sqrt(sin_m**2 + risen)
    bottom = cos_m * sin_k + jnp.abs(cos_k) * sin_m
    rational = risen / jnp.where(bottom > 0, bottom, 1)
    sine = jnp.where(cos_k > 0, rational, cos_m * sin_k - cos_k * sin_m)
    cosine = sin_m * sin_k + cos_m * cos_k
    return ArcsineTerms(scale, cos_m, sin_m, cos_k, sin_k, arcsine_m, angle(sine, cosine))


def arcsine_at_one(
    root1: jax.Array, root2: jax.Array, offset: float
) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    r""":math:`g`, :math:`\cos\mu`, :math:`\sin\mu` and :math:`\arcsin(m/g)` from :math:`\sqrt{q_1}, \sqrt{q_2}`.

    With :math:`a_i = a/s_i`, :math:`\sin^2\mu = a_1 + a_2 - a_1 a_2`.
    """
    s1, s2 = root1**2 + offset, root2**2 + offset
    cosine = root1 / jnp.sqrt(s1) * (root2 / jnp.sqrt(s2))
    sine = jnp.sqrt(offset / s1 + offset / s2 - (offset / s1) * (offset / s2))
    return jnp.sqrt(s1) * jnp.sqrt(s2), cosine, sine, angle(cosine, sine)


def arcsine_of_variance(q: jax.Array, offset: float) -> jax.Array:
    r""":math:`\arcsin(q/s)`, the one at :math:`\delta = 0` for equal variances."""
    s = q + offset
    return angle(q / s, jnp.sqrt(offset * (offset + 2 * q)) / s)
