r"""How far the covariances of a state may be off, carried from layer to layer.

Closed forms are exact to rounding, which is not counted here. Activations without one (see `smooth` and
`piecewise`) have an error that they can bound, and what later layers make of it is bounded too. With
tildes for what is computed, and for all pairs of samples and positions,

.. math:: |\tilde q / q - 1| \le e_q, \qquad |\tilde c - c| \le e_c, \qquad
          |\tilde\Theta - \Theta| \le e_\Theta \sqrt{q q'}, \qquad |\Theta| \le T \sqrt{q q'} .

Behind an activation with dual F, all coefficients of :math:`F(c) = \sum_k a_k^2 c^k` are positive if both
variances are equal, so that F moves most at :math:`c = 1`:

.. math:: |F(\tilde c) - F(c)| \le F(1) - F(1 - e_c),

which is what the dual itself computes for :math:`\delta = e_c`, and the same for
:math:`E[\phi'\phi']`. Unequal variances have the geometric mean of both bounds (Cauchy and Schwarz). An
error of a variance moves :math:`\phi(\sqrt q z)` by a distance that the dual also knows, from its value for
two variances at :math:`\delta = 0`. Products of two errors are left out, and bounds of activations are taken
at 32 variances between the smallest and the largest, between which they change smoothly.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from widelimit.networks.rounding import rounding
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["Bound", "Lacking", "Own", "widest"]

Scalar = jax.Array | float

Dual = Callable[[jax.Array, jax.Array, jax.Array], Any]
"""``(q1, q2, delta)`` to the second moments behind an activation, see `activations.activation`."""


class Lacking(NamedTuple):
    """What the dual of an activation itself may be off by, at each variance.

    Attributes:
        moment: relative error of the new variance.
        correlation: error of the new correlation.
        slope: error of the second moment of the slope.
    """

    moment: jax.Array
    correlation: jax.Array
    slope: jax.Array


class Own(NamedTuple):
    """Error and size of what a layer adds to the tangent kernel, over the scale of its second moments."""

    error: Scalar
    size: Scalar


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Bound:
    """Bounds that hold for all pairs in a state; all are scalars without units.

    Attributes:
        q: relative error of second moments.
        c: error of correlations.
        ntk: error of the tangent kernel over the scale of the second moments.
        size: the tangent kernel itself over that scale.
    """

    q: Scalar
    c: Scalar
    ntk: Scalar
    size: Scalar

    @property
    def k(self) -> Scalar:
        """Error of second moments of two fields, over their scale."""
        return self.c + self.q

    def mixed(self) -> Bound:
        """Behind a sum of independent fields: their kernels add up, and so do their scales at most."""
        return dataclasses.replace(self, c=self.k + self.q)

    def weighted(self, part: Scalar, own: Own | None = None) -> Bound:
        """Behind a layer with weights.

        Args:
            part: share of its second moments that comes from the fields in front.
            own: what its own parameters add to the tangent kernel; None is its second moments.
        """
        mixed = self.mixed()
        c, q = part * mixed.c, part * mixed.q
        error, size = (c + q, 1.0) if own is None else own
        return Bound(q, c, error + part * self.ntk, size + part * self.size)

    def stretched(self, factor: Scalar) -> Bound:
        """Behind a map under which scales shrink by ``factor`` more than kernels may."""
        q = factor * self.k
        return Bound(q, factor * self.k + q, factor * self.ntk, factor * self.size)

    def normalised(self) -> Bound:
        """Behind a division by the square roots of the variances."""
        return dataclasses.replace(self, q=2 * self.q, ntk=self.ntk + self.q * self.size)

    def times(self, other: Bound) -> Bound:
        """Behind a product of independent fields."""
        ntk = self.ntk + self.size * other.k + other.ntk + other.size * self.k
        return Bound(self.q + other.q, self.c + other.c, ntk, self.size + other.size)

    def activated(self, dual: Dual, lacking: Lacking | None, q: jax.Array) -> Bound:
        """Behind an activation on fields of variances ``q``.

        Args:
            dual: the function ``(q1, q2, delta) -> Dual`` of the activation.
            lacking: what it may be off by itself; None for closed forms.
            q: variances in front.
        """
        wider, zero = q * (1 + self.q), jnp.zeros_like(q)
        shift = zero + jnp.minimum(self.c, 2)
        # One call for all four, so that a series is compiled once.
        firsts, seconds = jnp.stack([q, wider, q, q]), jnp.stack([q, wider, q, wider])
        found = dual(firsts, seconds, jnp.stack([zero, zero, shift, zero]))
        moment = jnp.abs(safe_ratio(found.q1[1] - found.q1[0], found.q1[0]))
        # A field that vanishes has no correlation that could be off.
        moves = found.delta[2] + 2 * safe_sqrt(2 * found.delta[3])
        correlation = jnp.where(found.q1[0] > 0, moves, 0)
        steepness, apart = found.dot[0], found.dot[0] + found.dot[1] - 2 * found.dot[3]
        # Rounding alone is not an error, and its square root would look like one.
        apart = jnp.where(apart < rounding(q) * steepness, 0, apart)
        slope = steepness - found.dot[2]
        if lacking is not None:
            moment = moment + lacking.moment
            correlation = correlation + lacking.correlation
            slope = slope + lacking.slope
        gain = safe_ratio(q, found.q1[0])
        # That F moves most at 1 is true for errors up to 1; with larger ones nothing is known.
        wild = (self.c > 1) | (self.q > 1)
        moment = jnp.where(self.q > 1, jnp.inf, moment)
        correlation, slope = jnp.where(wild, 2, correlation), jnp.where(wild, 2 * steepness, slope)
        steps = moment, correlation, slope * gain, steepness * gain, apart * gain
        moment, correlation, slope, factor, apart = (jnp.max(step) for step in steps)
        # Between unequal variances this one is the sum of two products, not their geometric mean.
        slope = slope + 2 * safe_sqrt(apart) * safe_sqrt(factor)
        ntk = factor * self.ntk + slope * self.size
        return Bound(moment, correlation, ntk, factor * self.size)


def widest(bounds: Sequence[Bound]) -> Bound:
    """The largest of each error."""
    return jax.tree.map(lambda *errors: functools.reduce(jnp.maximum, errors), *bounds)
