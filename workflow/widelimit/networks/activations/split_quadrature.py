r"""Duals of functions with kinks by quadrature in two dimensions, split wherever a kink lies.

Two standard Gaussians of correlation :math:`c \ge 0` are :math:`\alpha p \pm \beta r` with independent
standard Gaussians p and r, :math:`\alpha^2 = (1 + c)/2` and :math:`\beta^2 = \delta/2`; for
:math:`c < 0` the second one changes its sign and c is replaced by :math:`|c|`. Then

.. math:: 1 - c' = \tfrac12 E\Big[\Big(\frac{\phi(u)}{\sqrt{q_1'}} - \frac{\phi(v)}{\sqrt{q_2'}}\Big)^2\Big],
          \qquad u = \sqrt{q_1} (\alpha p + \beta r), \quad v = \pm\sqrt{q_2} (\alpha p - \beta r),

loses no digits where the fields are close. For given r the integrand has kinks at two points p for each kink
of the function, and as a function of r the integral has them where two such points meet. Between them all is
smooth, and Gauss-Legendre rules converge exponentially.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.activations.activation import Dual
from widelimit.networks.rounding import alike, corrected
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["split_dual"]

Scalar = Callable[[jax.Array], jax.Array]
Rule = tuple[jax.Array, jax.Array]

_REACH = 7.5
"""Standard deviations that are integrated over; outside of them there is 6e-14 of the mass."""


def split_dual(
    function: Scalar,
    kinks: Sequence[float],
    nodes: int,
    q1: jax.Array,
    q2: jax.Array,
    delta: jax.Array,
) -> Dual:
    """The dual of a continuous function that is smooth between its ``kinks``.

    Args:
        function: acts elementwise.
        kinks: where it is not smooth.
        nodes: of the rule in each piece, in each of the two dimensions.
        q1, q2, delta: as in `Covariance`.
    """
    delta = jnp.broadcast_to(delta, jnp.broadcast_shapes(q1.shape, q2.shape, delta.shape))
    rule = _rule(nodes, delta.dtype)
    root1, root2 = safe_sqrt(q1), safe_sqrt(q2)
    square1, square2 = (_square(function, kinks, rule, root) for root in (root1, root2))
    norm1, norm2 = safe_sqrt(square1), safe_sqrt(square2)
    sign = jnp.where(delta > 1, -1, 1)
    alpha = jnp.sqrt(1 - jnp.minimum(delta, 2 - delta) / 2)
    beta = safe_sqrt(jnp.minimum(delta, 2 - delta) / 2)
    # Where the fields have their kinks, in units of their standard deviations.
    firsts = [safe_ratio(t, root1, otherwise=_REACH) for t in kinks]
    seconds = [sign * safe_ratio(t, root2, otherwise=_REACH) for t in kinks]
    meetings = [safe_ratio((a - b) / 2, beta) for a in firsts for b in seconds]

    def inner(r: jax.Array) -> tuple[jax.Array, jax.Array]:
        def at(p: jax.Array) -> tuple[jax.Array, jax.Array]:
            u, v = root1 * (alpha * p + beta * r), sign * root2 * (alpha * p - beta * r)
            (phi1, slope1), (phi2, slope2) = _with_slope(function, u), _with_slope(function, v)
            apart = safe_ratio(phi1, norm1) - safe_ratio(phi2, norm2)
            return apart**2 / 2, slope1 * slope2

        breaks = [(t - beta * r) / alpha for t in firsts] + [
            (t + beta * r) / alpha for t in seconds
        ]
        apart, slopes = _expectation(at, breaks, rule, delta)
        return apart, slopes

    new, dot = _expectation(inner, meetings, rule, delta)
    # β has no derivative at its zero; there the slope is that of Price's theorem.
    slope = safe_ratio(root1 * root2 * dot, norm1 * norm2)
    moved = new + jnp.where(beta > 0, 0, slope * (delta - jax.lax.stop_gradient(delta)))
    # The same to rounding is the same.
    same = (delta == 0) & alike(q1, q2)
    exact = jnp.where(same, 0, jnp.clip(new, 0, 2))
    new = jnp.where((norm1 > 0) & (norm2 > 0), corrected(moved, exact), 1)
    return Dual(square1, square2, new, dot)


def _square(function: Scalar, kinks: Sequence[float], rule: Rule, root: jax.Array) -> jax.Array:
    r""":math:`E[\phi(\sqrt q z)^2]`."""
    breaks = [safe_ratio(t, root, otherwise=_REACH) for t in kinks]
    return _expectation(lambda z: (function(root * z) ** 2,), breaks, rule, root)[0]


def _with_slope(function: Scalar, z: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.jvp(function, (z,), (jnp.ones_like(z),))


def _expectation(
    f: Callable[[jax.Array], tuple[jax.Array, ...]],
    breaks: Sequence[jax.Array],
    rule: Rule,
    like: jax.Array,
) -> tuple[jax.Array, ...]:
    """E[f(z)] of a tuple of functions of a standard Gaussian, smooth between ``breaks`` (and zero)."""
    node, weight = rule
    zero = jnp.zeros_like(like)
    inside = [zero] + [zero + jnp.clip(b, -_REACH, _REACH) for b in breaks]
    ends = jnp.sort(jnp.stack([zero - _REACH, *inside, zero + _REACH]), axis=0)
    centres, halves = (ends[1:] + ends[:-1]) / 2, (ends[1:] - ends[:-1]) / 2

    def add(total, at):
        piece, where, mass = at
        z = centres[piece] + halves[piece] * where
        density = mass * halves[piece] * jnp.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        return tuple(t + density * value for t, value in zip(total, f(z), strict=True)), None

    pieces = jnp.repeat(jnp.arange(len(centres)), len(node))
    start = tuple(zero for _ in jax.eval_shape(f, zero))
    steps = pieces, jnp.tile(node, len(centres)), jnp.tile(weight, len(centres))
    return jax.lax.scan(add, start, steps)[0]


def _rule(nodes: int, dtype: Any) -> Rule:
    """Nodes and weights of Gauss and Legendre on [-1, 1]."""
    node, weight = np.polynomial.legendre.leggauss(nodes)
    return jnp.asarray(node, dtype), jnp.asarray(weight, dtype)
