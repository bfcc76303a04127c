r"""Sums of independent fields, without loss of digits.

If :math:`z = \sum_i z_i` with independent parts of mean zero, then :math:`q = \sum_i q_i`,
:math:`\Theta = \sum_i \Theta_i`, and one minus the correlation is

.. math:: \delta = \tfrac12 E\Big[\Big(\frac{z(x)}{\sqrt{q_1}} - \frac{z(x')}{\sqrt{q_2}}\Big)^2\Big]
                 = \sum_i \Big[\tfrac12 (a_i - b_i)^2 + a_i b_i \delta_i\Big], \qquad
          a_i = \sqrt{q_{1i}/q_1}, \quad b_i = \sqrt{q_{2i}/q_2},

a sum of terms that are not negative. Weights and biases, the cells of a convolution's window, the
positions that `Flatten` joins, the branches of a sum and the Hermite components of an activation are
all such parts. A single part keeps its δ to the bit.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp

from widelimit.networks.rounding import apart, clipped
from widelimit.networks.safe import safe_sqrt

__all__ = ["Part", "mixture", "mixture_along", "share", "term"]


class Part(NamedTuple):
    """The covariance of one independent part; arrays that broadcast as in `Covariance`."""

    q1: jax.Array | float
    q2: jax.Array | float
    delta: jax.Array | float


def mixture(parts: Sequence[Part]) -> tuple[jax.Array, jax.Array, jax.Array]:
    """New q1, q2 and δ: the covariance of a sum of independent parts."""
    q1, q2 = (functools.reduce(operator.add, q) for q in list(zip(*parts, strict=True))[:2])
    terms = (term(share(part.q1, q1), share(part.q2, q2), part.delta) for part in parts)
    return q1, q2, clipped(functools.reduce(operator.add, terms))


def mixture_along(part: Part, axes: tuple[int, ...]) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The covariance of the sum over ``axes``, along which the parts are independent; axes stay as 1."""
    q1, q2 = (jnp.sum(q, axes, keepdims=True) for q in (part.q1, part.q2))
    delta = term(share(part.q1, q1), share(part.q2, q2), part.delta)
    return q1, q2, clipped(jnp.sum(delta, axes, keepdims=True))


def share(part: jax.Array | float, whole: jax.Array) -> jax.Array:
    r""":math:`\sqrt{q_i/q}`, and 0 where the whole vanishes."""
    return safe_sqrt(part / jnp.where(whole > 0, whole, 1))


def term(a: jax.Array, b: jax.Array, delta: jax.Array | float) -> jax.Array:
    """The contribution of one part to one minus the correlation."""
    return apart(a, b) ** 2 / 2 + a * b * delta
