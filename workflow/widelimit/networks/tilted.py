r"""Expectations of ratios to a norm: :math:`E[f(x)/|x|^{2m}]` for :math:`x \sim N(0, S)`, f homogeneous.

By the Laplace transform :math:`|x|^{-2m} = \int_0^\infty \frac{s^{m-1}}{(m-1)!} e^{-s|x|^2}\, ds`. Under the
weight :math:`e^{-s|x|^2}` x is Gaussian still, with covariance :math:`S (1 + 2sS)^{-1}`. For f of degree 2d and
:math:`y = \sqrt{2s}\, x`, with :math:`t = \log s`,

.. math:: E\Big[\frac{f(x)}{|x|^{2m}}\Big] = \frac{2^{-d}}{(m-1)!} \int_{-\infty}^\infty
          e^{(m - d) t} \det(1 + 2sS)^{-1/2}\, E[f(y)]\, dt, \qquad
          y \sim N(0, C), \quad C = 2sS (1 + 2sS)^{-1},

where all eigenvalues of C are in [0, 1]. The integrand is analytic in t for :math:`|\mathrm{Im}\, t| < \pi`
(no principal minor of C vanishes there), so that the trapezoidal rule converges exponentially. To the left it
falls like s, and to the right like a power that is low for few dimensions; both ends are drawn in by
:math:`t = u + e^{u-b} - e^{a-u}` (Takahasi and Mori 1974), with a and b around the scales of the eigenvalues.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

__all__ = ["Nodes", "Spectrum", "nodes", "spectrum", "tilted"]

_HIGHEST = jax.lax.Precision.HIGHEST


class Spectrum(NamedTuple):
    """Eigenvalues of a covariance, zero where they are so to rounding, and eigenvectors in columns."""

    values: jax.Array
    vectors: jax.Array

    @property
    def rank(self) -> jax.Array:
        """Number of dimensions, traced."""
        return jnp.sum(self.values > 0)


class Nodes(NamedTuple):
    r"""Points :math:`t = \log s` and weights of the integral over t, shape (count,)."""

    log_s: jax.Array
    weights: jax.Array


def spectrum(s: jax.Array) -> Spectrum:
    """Of a symmetric matrix; a constant in differentiation, see `tilted`."""
    values, vectors = jnp.linalg.eigh(jax.lax.stop_gradient(s))
    rounding = 4 * len(s) * jnp.finfo(s.dtype).eps * jnp.max(values)
    return Spectrum(jnp.where(values > rounding, values, 0), vectors)


@jax.custom_jvp
def tilted(
    s: jax.Array,  # noqa: ARG001 (derivatives are taken with respect to it)
    log_s: jax.Array,
    found: Spectrum,
) -> tuple[jax.Array, jax.Array]:
    r"""C and the logarithm of :math:`\det(1 + 2sS)^{-1/2}`.

    Their derivatives need no eigenvalues that differ. A covariance stays positive semidefinite, so that dS
    vanishes between two directions in which S does; there rounding alone would be multiplied by s, and it is
    left out. Second derivatives are right where S has all dimensions but that of equal shifts, and higher ones
    are not there.

    Args:
        s: S, shape (n, n).
        log_s: :math:`t = \log s`.
        found: the `spectrum` of S.
    """
    slopes, half = _slopes(found, log_s), jnp.exp(-log_s) / 2
    return _rotated(found.values * slopes, found), -jnp.sum(jnp.log1p(found.values / half)) / 2


@tilted.defjvp
def _(primals, tangents):
    # Not by a formula for the tangents, which has to be differentiated again: loops forget its rule then.
    (s, log_s, found), (ds, *_) = primals, tangents

    def along(s: jax.Array) -> tuple[jax.Array, jax.Array]:
        return _moved(s, log_s, found)

    return jax.jvp(along, (s,), (ds,))


def _moved(s: jax.Array, log_s: jax.Array, found: Spectrum) -> tuple[jax.Array, jax.Array]:
    r"""`tilted` where S has moved away from that of ``found``, to the second order.

    With :math:`H = 2s (1 + 2sS)^{-1}` in the range of S and :math:`X = H\, dS`, there :math:`H' = (1 + X)^{-1} H`,
    :math:`C' = C - (H' - H)/2s` and :math:`\det(1 + 2sS') = \det(1 + 2sS) \det(1 + X)`.
    """
    c, log_mass = tilted(*jax.lax.stop_gradient((s, log_s, found)))
    h = _rotated(_slopes(found, log_s), found)
    outside = _rotated((found.values <= 0).astype(s.dtype), found)
    change = s - jax.lax.stop_gradient(s)
    x = _product(h, change)
    back = _product(x - _product(x, x), h)  # H - H'
    mixed = _product(x, outside)
    c = c + back * jnp.exp(-log_s) / 2 + mixed + mixed.T
    return c, log_mass - jnp.trace(x) / 2 + jnp.sum(x * x.T) / 4


def nodes(found: Spectrum, count: int) -> Nodes:
    r"""The trapezoidal rule for the spectrum of a covariance of trace 1.

    Its error for ``count`` nodes is the square of that for half as many, roughly.
    """
    values, rank = found.values, found.rank
    depth = -1.4 * jnp.log(jnp.finfo(values.dtype).eps)
    smallest = jnp.min(values, initial=1, where=values > 0)
    ends = jnp.log(jnp.finfo(values.dtype).eps), jnp.log(20 * jnp.maximum(rank, 1) / smallest)

    def dimensions(t: jax.Array) -> jax.Array:
        """How many dimensions are cut off by the weight; they grow with t."""
        return jnp.sum(values / (values + jnp.exp(-t) / 2))

    def height(t: jax.Array) -> jax.Array:
        """Logarithm of the slowest integrand, m = 1 and d = 0, which is concave."""
        return t - jnp.sum(jnp.log1p(2 * jnp.exp(t) * values)) / 2

    def reached(level: jax.Array) -> jax.Array:
        """Where so many dimensions are cut off."""
        return _last(lambda t: dimensions(t) < level, *ends)

    a, b = reached(jnp.minimum(0.5, rank / 2)), reached(rank - 0.5)
    top = reached(jnp.minimum(2.0, rank / 2))
    first, last = a - jnp.log(depth), b + jnp.log(2 * depth)

    def stretched(u: jax.Array) -> jax.Array:
        return u + jnp.exp(u - b) - jnp.exp(a - u)

    # With fewer than three dimensions that integral diverges, and the others end where b has it.
    tall = _last(lambda u: height(stretched(u)) > height(top) - depth, a, last)
    last = jnp.where(rank < 3, last, tall)
    u = jnp.linspace(first, last, count, dtype=values.dtype)
    weights = (last - first) / (count - 1) * (1 + jnp.exp(u - b) + jnp.exp(a - u))
    return Nodes(stretched(u), weights)


def _last(
    holds: Callable[[jax.Array], jax.Array], low: jax.Array | float, high: jax.Array | float
) -> jax.Array:
    """Where a condition ceases to hold, by bisection; a rough value does."""

    def halve(_: int, ends: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        low, high = ends
        middle = (low + high) / 2
        right = holds(middle)
        return jnp.where(right, middle, low), jnp.where(right, high, middle)

    return jax.lax.fori_loop(0, 30, halve, (jnp.asarray(low), jnp.asarray(high)))[0]


def _slopes(found: Spectrum, log_s: jax.Array) -> jax.Array:
    """Eigenvalues of 2s/(1 + 2sS), and zero where S has none."""
    values = found.values
    return jnp.where(values > 0, 1 / (values + jnp.exp(-log_s) / 2), 0)


def _rotated(diagonal: jax.Array, found: Spectrum) -> jax.Array:
    """The symmetric matrix with these eigenvalues."""
    rotated = _product(found.vectors * diagonal, found.vectors.T)
    return (rotated + rotated.T) / 2


def _product(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.matmul(a, b, precision=_HIGHEST)
