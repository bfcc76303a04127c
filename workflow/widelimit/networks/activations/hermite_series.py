r"""Duals by Hermite series: for activations without a closed form.

For standard Gaussians of correlation :math:`c`, normalised Hermite polynomials :math:`h_k` are orthogonal
with :math:`E[h_j(u) h_k(v)] = \delta_{jk} c^k` (Mehler 1866). So with :math:`a_k(s) = E[\phi(s z) h_k(z)]`,

.. math:: E[\phi\phi] = \sum_k a_k(\sqrt{q_1})\, a_k(\sqrt{q_2})\, c^k,

and the same for :math:`\phi'`. A series that stops at order K lacks at most
:math:`\sqrt{t_1 t_2}\,|c|^{K+1}`, where :math:`t = E[\phi^2] - \sum_{k \le K} a_k^2` is known from Parseval's
identity. What is lacking stands in for the next two orders, its even part for the even one and its odd
part for the odd one: variances and the values at identical and antipodal inputs are then exact, and the
error elsewhere is at most twice that bound.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.activations.activation import Dual
from widelimit.networks.covariance import safe_sqrt

__all__ = ["Coefficients", "Scalar", "coefficients", "series_dual"]

_REACH = 12.5
"""Quadrature nodes lie in ± this many standard deviations, outside of which there is 1e-35 of the mass."""

Scalar = Callable[[jax.Array], jax.Array]


class Coefficients(NamedTuple):
    r"""Hermite coefficients of one function at many scales.

    Attributes:
        terms: :math:`a_k` along the first axis, with the two that stand for the rest.
        tail: :math:`t = \sum_{k > K} a_k^2`, which bounds the error.
    """

    terms: jax.Array
    tail: jax.Array

    @property
    def square(self) -> jax.Array:
        r""":math:`E[\phi^2]`."""
        return jnp.sum(self.terms**2, axis=0)


def coefficients(function: Scalar, scale: jax.Array, order: int, nodes: int) -> Coefficients:
    """Coefficients of z ↦ function(scale·z) up to ``order``, by the trapezoidal rule.

    For functions that are analytic near the real axis that rule converges exponentially in the number of
    nodes, at a rate set by their nearest singularity (Trefethen and Weideman 2014).

    Args:
        function: acts elementwise.
        scale: standard deviations, of any shape.
        order: the highest order K.
        nodes: number of quadrature nodes.
    """
    z, hermite = _rule(order, nodes)
    values = function(scale[..., None] * jnp.asarray(z, scale.dtype))
    weights = jnp.asarray(hermite, scale.dtype)
    projected = jnp.einsum("...j,jk->...k", values, weights, precision=jax.lax.Precision.HIGHEST)
    mass = weights[:, 0]
    rests = []
    for sign, first in ((1, 0), (-1, 1)):
        part = (values + sign * values[..., ::-1]) / 2
        found = jnp.sum(projected[..., first::2] ** 2, axis=-1)
        rests.append(jnp.maximum(jnp.sum(mass * part**2, axis=-1) - found, 0))
    even, odd = rests
    following = (odd, even) if order % 2 == 0 else (even, odd)
    terms = jnp.moveaxis(projected, -1, 0)
    lacking = jnp.stack([safe_sqrt(t) for t in following])
    return Coefficients(jnp.concatenate([terms, lacking]), even + odd)


def series_dual(
    phi: Sequence[Coefficients],
    slope: Sequence[Coefficients],
    delta: jax.Array,
) -> Dual:
    r"""The dual from coefficients of :math:`\phi` and :math:`\phi'` on both sets of inputs.

    One minus the new correlation is :math:`[\frac12 \sum_k (a_k - b_k)^2 + \sum_k a_k b_k (1 - c^k)]` over
    :math:`\sqrt{\sum a_k^2 \sum b_k^2}`, less :math:`\frac12 (\sqrt{\sum a_k^2} - \sqrt{\sum b_k^2})^2`, and
    :math:`\sum_k a_k b_k (1 - c^k) = \delta \sum_j c^j \sum_{k > j} a_k b_k`.
    """
    first, second = phi
    c, zero = 1 - delta, jnp.zeros_like(delta)

    def horner(so_far, pair):
        rest, powers, distance = so_far
        a, b = pair
        rest = rest + a * b
        return (rest, powers * c + rest, distance + (a - b) ** 2), None

    def horner_slope(so_far, pair):
        return so_far * c + pair[0] * pair[1], None

    others = first.terms[1:], second.terms[1:]
    _, powers, distance = _backwards(horner, (zero, zero, zero), others)
    distance = distance + (first.terms[0] - second.terms[0]) ** 2
    dot = _backwards(horner_slope, zero, (slope[0].terms, slope[1].terms))
    q1, q2 = first.square, second.square
    norm1, norm2 = safe_sqrt(q1), safe_sqrt(q2)
    scale = norm1 * norm2
    gap = jnp.maximum(distance - (norm1 - norm2) ** 2, 0) / 2 + delta * powers
    new = jnp.where(scale > 0, gap / jnp.where(scale > 0, scale, 1), 1)
    return Dual(q1, q2, jnp.clip(new, 0, 2), dot)


def _backwards(step: Callable[..., Any], start: Any, terms: tuple[jax.Array, jax.Array]) -> Any:
    """Loop from the last order to the first, so that compile time does not grow with the order."""
    return jax.lax.scan(step, start, terms, reverse=True, unroll=8)[0]


@functools.lru_cache(maxsize=16)
def _rule(order: int, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes z_j (symmetric), and h_k(z_j) times the weight of node j, shape (nodes, order + 1)."""
    z = np.linspace(-_REACH, _REACH, nodes)
    step = 2 * _REACH / (nodes - 1)
    # Hermite functions h_k √density stay bounded, where h_k itself overflows.
    functions = [np.exp(-(z**2) / 4) / (2 * np.pi) ** 0.25]
    before = np.zeros_like(z)
    for k in range(order):
        following = (z * functions[-1] - np.sqrt(k) * before) / np.sqrt(k + 1)
        before = functions[-1]
        functions.append(following)
    return z, step * functions[0][:, None] * np.stack(functions, axis=1)
