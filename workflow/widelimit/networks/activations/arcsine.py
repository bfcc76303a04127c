r"""The arcsine integrals behind erf and GELU, as differences that lose no digits.

For Gaussians of variances :math:`q_1, q_2` and covariance :math:`k = \sqrt{q_1 q_2}(1 - \delta)`,
both activations lead to :math:`\arcsin(k/\sqrt{s_1 s_2})` with :math:`s_i > q_i`, and what is needed is
how far it falls from its value at :math:`\delta = 0`.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from widelimit.networks.activations.angle import angle
from widelimit.networks.safe import safe_sqrt

__all__ = ["ArcsineTerms", "arcsine_terms"]


class ArcsineTerms(NamedTuple):
    r"""Arrays of shape (n1, n2), with :math:`m = \sqrt{q_1 q_2}` and :math:`D(k) = s_1 s_2 - k^2`.

    Attributes:
        m: covariance at correlation one.
        k: covariance.
        root_m: :math:`\sqrt{D(m)}`.
        root_k: :math:`\sqrt{D(k)}`.
        arcsine_m: :math:`\arcsin(m/\sqrt{s_1 s_2})`.
        fall: :math:`\arcsin(m/\sqrt{s_1 s_2}) - \arcsin(k/\sqrt{s_1 s_2})`.
    """

    m: jax.Array
    k: jax.Array
    root_m: jax.Array
    root_k: jax.Array
    arcsine_m: jax.Array
    fall: jax.Array


def arcsine_terms(q1: jax.Array, q2: jax.Array, delta: jax.Array, offset: float) -> ArcsineTerms:
    r"""The terms for :math:`s_i = q_i + a` with ``offset`` :math:`a > 0`.

    :math:`D(k) = a^2 + a(q_1 + q_2) + q_1 q_2\,\delta(2 - \delta)`, and with :math:`\alpha - \beta`
    the fall of the arcsine,

    .. math:: \sin(\alpha-\beta) = \frac{m \sqrt{D(k)} - k \sqrt{D(m)}}{s_1 s_2}, \qquad
              \cos(\alpha-\beta) = \frac{\sqrt{D(m) D(k)} + m k}{s_1 s_2}.

    For :math:`k > 0` the first numerator is rationalised:
    :math:`s_1 s_2 (m^2 - k^2) / (m\sqrt{D(k)} + k\sqrt{D(m)})`.
    """
    m = safe_sqrt(q1) * safe_sqrt(q2)
    k = m * (1 - delta)
    s = (q1 + offset) * (q2 + offset)
    base = offset**2 + offset * (q1 + q2)
    root_m, root_k = jnp.sqrt(base), jnp.sqrt(base + m**2 * delta * (2 - delta))
    bottom = m * root_k + jnp.abs(k) * root_m
    rational = m**2 * delta * (2 - delta) / jnp.where(bottom > 0, bottom, 1)
    sine = jnp.where(k > 0, rational, (m * root_k - k * root_m) / s)
    cosine = (root_m * root_k + m * k) / s
    return ArcsineTerms(m, k, root_m, root_k, angle(m, root_m), angle(sine, cosine))
