r"""Duals by Hermite series: for activations without a closed form.

For standard Gaussians of correlation :math:`c`, normalised Hermite polynomials :math:`h_k` are orthogonal
with :math:`E[h_j(u) h_k(v)] = \delta_{jk} c^k` (Mehler 1866). So with :math:`a_k(s) = E[\phi(s z) h_k(z)]`,

.. math:: E[\phi\phi] = \sum_k a_k(\sqrt{q_1})\, a_k(\sqrt{q_2})\, c^k,

and the same for :math:`\phi'`. A series that stops at order K lacks at most
:math:`\sqrt{t_1 t_2}\,|c|^{K+1}`, where :math:`t = E[\phi^2] - \sum_{k \le K} a_k^2` is known from Parseval's
identity. What is lacking stands in for the next two orders, its even part for the even one and its odd
part for the odd one: variances, and the values of fields of equal variance that are the same or opposite,
are then exact, and the error elsewhere is at most twice that bound.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.activations.activation import Dual
from widelimit.networks.rounding import clipped, corrected, rounding
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["Coefficients", "Scalar", "coefficients", "series_dual"]

_REACH = 12.5
"""Quadrature nodes lie in ± this many standard deviations, outside of which there is 1e-35 of the mass."""

_UNROLLED = 32
"""Orders that XLA makes one loop over the entries of, whose sums stay in registers: of 8 it makes one that is four
times slower."""

Scalar = Callable[[jax.Array], jax.Array]


class Coefficients(NamedTuple):
    r"""Hermite coefficients of one function at many scales.

    Attributes:
        terms: :math:`a_k` along the first axis, with the two that stand for the rest.
        tail: :math:`t = \sum_{k > K} a_k^2`, which bounds what the series lacks.
        quadrature: the distance of all :math:`a_k` from those of every second node, over their norm:
            far above their own error, as the rule converges exponentially.
    """

    terms: jax.Array
    tail: jax.Array
    quadrature: jax.Array

    @property
    def square(self) -> jax.Array:
        r""":math:`E[\phi^2]`."""
        return jnp.sum(self.terms**2, axis=0)


def coefficients(
    function: Scalar, scale: jax.Array, order: int
) -> tuple[Coefficients, Coefficients]:
    """Coefficients up to ``order`` of z ↦ φ(scale·z) and z ↦ φ'(scale·z), by the trapezoidal rule.

    For functions that are analytic near the real axis that rule converges exponentially in the number of
    nodes, at a rate set by their nearest singularity (Trefethen and Weideman 2014). Errors of the size of
    rounding count as zero.

    Args:
        function: φ, elementwise.
        scale: standard deviations, of any shape.
        order: the highest order K.
    """
    z, hermite = (jnp.asarray(values, scale.dtype) for values in _rule(order))
    scaled = scale[..., None] * jnp.stack([z, -z])[(slice(None), *(None,) * scale.ndim)]
    # The function and its slope, one after the other, ahead and behind.
    values = jnp.stack(jax.jvp(function, (scaled,), (jnp.ones_like(scaled),)))
    ahead, behind = values[:, 0], values[:, 1]
    # Even orders see the even part of a function alone, odd ones the odd part.
    parts = (ahead + behind) / 2, (ahead - behind) / 2
    fine, coarse = (
        [_project(p[..., ::n], n * hermite[::n, k::2]) for k, p in enumerate(parts)] for n in (1, 2)
    )
    squares = [jnp.sum(hermite[:, 0] * part**2, axis=-1) for part in parts]
    found = [jnp.sum(a**2, axis=-1) for a in fine]
    rests = [jnp.maximum(s - f, 0) for s, f in zip(squares, found, strict=True)]
    square, rest = squares[0] + squares[1], rests[0] + rests[1]
    apart = jnp.sum((_interleaved(*fine) - _interleaved(*coarse)) ** 2, axis=-1)
    floor = 2 * rounding(scale)
    # Behind order K comes one of the other parity.
    lacking = jnp.stack([safe_sqrt(rests[(order + k) % 2]) for k in (1, 2)], axis=-1)
    terms = jnp.moveaxis(jnp.concatenate([_interleaved(*fine), lacking], axis=-1), -1, 1)
    tail = jnp.maximum(rest - floor * square, 0)
    quadrature = jnp.maximum(safe_sqrt(safe_ratio(apart, square)) - floor, 0)
    phi, slope = (Coefficients(*parts) for parts in zip(terms, tail, quadrature, strict=True))
    return phi, slope


def _project(values: jax.Array, weights: jax.Array) -> jax.Array:
    return jnp.einsum("...j,jk->...k", values, weights, precision=jax.lax.Precision.HIGHEST)


def _interleaved(even: jax.Array, odd: jax.Array) -> jax.Array:
    """a₀, a₁, a₂, … from a₀, a₂, … and a₁, a₃, … along the last axis."""
    count = even.shape[-1] + odd.shape[-1]
    odd = jnp.pad(odd, [(0, 0)] * (odd.ndim - 1) + [(0, even.shape[-1] - odd.shape[-1])])
    return jnp.stack([even, odd], axis=-1).reshape(*even.shape[:-1], -1)[..., :count]


def series_dual(
    phi: Sequence[jax.Array], slope: Sequence[jax.Array], delta: jax.Array, rest: int = 0
) -> Dual:
    r"""The dual from coefficients of :math:`\phi` and :math:`\phi'` on both sets of inputs, orders first.

    With coefficients over their norms, :math:`\sum_k a_k^2 = \sum_k b_k^2 = 1`, one minus the new correlation is
    :math:`\frac12 \sum_k (a_k - b_k)^2 + \sum_k a_k b_k (1 - c^k)`, and
    :math:`\sum_k a_k b_k (1 - c^k) = \delta \sum_j c^j \sum_{k > j} a_k b_k`.

    Args:
        phi, slope: they.
        delta: as in `Covariance`.
        rest: how many of the last coefficients are roots of what a series lacks, a difference: where their squares
            are the same but for rounding, so are they.
    """
    first, second = phi
    c, zero = 1 - delta, jnp.zeros_like(delta)
    q1, q2 = jnp.sum(first**2, axis=0), jnp.sum(second**2, axis=0)
    norm1, norm2 = safe_sqrt(q1), safe_sqrt(q2)
    unit1, unit2 = safe_ratio(first, norm1), safe_ratio(second, norm2)

    def horner(so_far, pair):
        beyond, powers, distance = so_far
        a, b = pair
        beyond = beyond + a * b
        return (beyond, powers * c + beyond, distance + (a - b) ** 2), None

    def apart(a, b):
        noise = jnp.abs(a**2 - b**2) <= 2 * rounding(delta)
        return jnp.where(noise, 0, (a - b) ** 2)

    def horner_slope(so_far, pair):
        return so_far * c + pair[0] * pair[1], None

    start, known = (zero, zero, zero), len(first) - rest
    for pair in zip(unit1[known:][::-1], unit2[known:][::-1], strict=True):
        (beyond, powers, distance), _ = horner(start, pair)
        start = beyond, powers, corrected(distance, start[2] + apart(*pair))
    _, powers, distance = _backwards(horner, start, (unit1[1:known], unit2[1:known]))
    distance = distance + (unit1[0] - unit2[0]) ** 2
    dot = _backwards(horner_slope, zero, (slope[0], slope[1]))
    # Coefficients of equal variances may differ by rounding.
    spread = corrected(
        distance / 2, jnp.where(distance > 2 * rounding(delta) ** 2, distance / 2, 0)
    )
    new = jnp.where((norm1 > 0) & (norm2 > 0), spread + delta * powers, 1)
    return Dual(q1, q2, clipped(new), dot)


def _backwards(step: Callable[..., Any], start: Any, terms: tuple[jax.Array, jax.Array]) -> Any:
    """Loop from the last order to the first; compile time does not grow with the order."""
    return jax.lax.scan(step, start, terms, reverse=True, unroll=_UNROLLED)[0]


@functools.lru_cache(maxsize=16)
def _rule(order: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes z_j ≥ 0, and h_k(z_j) times the weight of ±z_j, shape (nodes, order + 1)."""
    z = np.linspace(0, _REACH, 2 * max(128, 2 * order) + 1)
    weight = np.where(z == 0, 1, 2) * (z[1] - z[0])
    # Hermite functions h_k √density stay bounded, where h_k itself overflows.
    functions = [np.exp(-(z**2) / 4) / (2 * np.pi) ** 0.25]
    before = np.zeros_like(z)
    for k in range(order):
        following = (z * functions[-1] - np.sqrt(k) * before) / np.sqrt(k + 1)
        before = functions[-1]
        functions.append(following)
    return z, (weight * functions[0])[:, None] * np.stack(functions, axis=1)
