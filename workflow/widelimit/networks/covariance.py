r"""The state that `Layer.propagate` passes on: second moments of the field on two sets of inputs.

For a field :math:`z` the state holds

.. math:: q_i = E[z(x_i)^2], \qquad \delta_{ij} = 1 - c_{ij}, \qquad
          c_{ij} = E[z(x_i) z(x_j)] / \sqrt{q_i q_j}, \qquad \Theta_{ij} .

It keeps :math:`1 - c` and not :math:`c`: in the ordered phase all correlations tend to one, and the
digits that tell inputs apart live in the difference. Only the inputs themselves enter by an inner
product; behind them no two close numbers are subtracted, pooling apart (see `pooling`).

Axes. Every array of a state broadcasts against ``delta``, whose axes are the two samples and then,
for images, sequences and graphs, the positions: once if only equal positions are compared, twice if all
pairs of them are. Layers work on the axes of positions alone, so that the same code serves the
covariance between two samples and that of a sample with itself.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.bounds import Bound
from widelimit.networks.inputs import Inputs
from widelimit.networks.rounding import alike, corrected, rounding
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["LETTERS", "ORDER", "Covariance", "aligned", "is_field"]

LETTERS = "hwdefg"
"""Names of the axes of positions in sums."""

ORDER = 64
"""Order of Hermite series where nothing else is said."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Covariance:
    r"""Second moments of a field on inputs ``x1`` (n1 of them) and ``x2`` (n2 of them).

    With ``S`` the axes of positions (none behind `Flatten` or for plain vectors):

    Attributes:
        q1: second moments on ``x1``, shape (n1, 1, *S), and as many axes of length 1 if ``pairs``.
        q2: second moments on ``x2``, shape (1, n2, *S), with the axes of length 1 before S if ``pairs``.
        delta: one minus the correlation, shape (n1, n2, *S) or (n1, n2, *S, *S), in [0, 2]; exactly 0
            for identical and exactly 2 for antipodal inputs, also times a power of two.
        ntk: tangent kernel, of the shape of ``delta``; None if it is not asked for.
        bound: how far all this may be off, see `bounds`; None as long as it is exact to rounding. Within
            samples it is None always: the bound of the whole holds for them too.
        within: None, or with ``pairs`` the states of each sample of x1 and of x2 with itself. They have
            one axis of samples and no ``ntk``; averages over positions need them.
        products: None, or :math:`E[z(x_i) z(x_j)]` once more, by sums of products alone: where a variance vanishes it
            has the derivatives that one minus the correlation has not. Of the shape of ``delta``; linear maps of
            raw inputs keep it.
        graphs: None, or the graphs of x1 and of x2, shapes (n1, nodes, nodes) and (n2, nodes, nodes), see
            `graphs`; None within samples.
        mask: None, or which positions of x1 and of x2 are absent, shapes (n1, *S) and (n2, *S), see `masks`;
            None within samples. Where a position is absent, second moments and ``ntk`` are 0.
        gaussian: whether the field is Gaussian given its inputs (only then may an activation follow).
        shared: whether sibling branches hold the same field (see `branches`).
        wide: whether the channels are infinitely many and alike; those of raw inputs and of joined branches
            are not.
        channels: number of channels in the finite network.
        positions: number of axes of positions.
        pairs: whether all pairs of positions are held.
        batch: whether x1 and x2 are the same whole batch in the same pass, for layers that couple samples.
        frozen: whether the parameters of layers are not trained, see `Frozen`.
        order: order of the series of activations that do not say one themselves.
    """

    q1: jax.Array
    q2: jax.Array
    delta: jax.Array
    ntk: Any
    bound: Bound | None = None
    within: tuple[Covariance, Covariance] | None = None
    products: jax.Array | None = None
    graphs: tuple[jax.Array, jax.Array] | None = None
    mask: tuple[jax.Array, jax.Array] | None = None
    gaussian: bool = dataclasses.field(default=False, metadata={"static": True})
    shared: bool = dataclasses.field(default=False, metadata={"static": True})
    wide: bool = dataclasses.field(default=False, metadata={"static": True})
    channels: int = dataclasses.field(default=1, metadata={"static": True})
    positions: int = dataclasses.field(default=0, metadata={"static": True})
    pairs: bool = dataclasses.field(default=False, metadata={"static": True})
    batch: bool = dataclasses.field(default=False, metadata={"static": True})
    frozen: bool = dataclasses.field(default=False, metadata={"static": True})
    order: int = dataclasses.field(default=ORDER, metadata={"static": True})

    @classmethod
    def of_inputs(
        cls, x1: Any, x2: Any = None, *, pairs: bool = False, order: int = ORDER
    ) -> Covariance:
        r"""The state of raw inputs of shape (n, *S, channels), see `between`."""
        second = None if x2 is None else Inputs.of(x2)
        return cls.between(Inputs.of(x1), second, pairs=pairs, order=order)

    @classmethod
    def between(
        cls, first: Inputs, second: Inputs | None, *, pairs: bool = False, order: int = ORDER
    ) -> Covariance:
        r"""The state of raw inputs: :math:`q = |x|^2/d`, :math:`\Theta = 0`.

        Args:
            first, second: inputs x1 and x2, of the same shape but for their number. For the second, None is the
                first again, and says that it is a whole batch (`batch`).
            pairs: compare all pairs of positions, not equal positions alone.
            order: that of Hermite series.
        """
        batch, second = second is None, first if second is None else second
        if first.x.shape[1:] != second.x.shape[1:]:
            raise ValueError(
                f"inputs of x1 have shape {first.x.shape[1:]} and those of x2 {second.x.shape[1:]}; "
                "both must have the same."
            )
        if first.x.dtype != second.x.dtype:
            dtype = jnp.promote_types(first.x.dtype, second.x.dtype)
            first, second = (Inputs.of(part.x.astype(dtype)) for part in (first, second))
        here = LETTERS[: first.x.ndim - 2]
        there = here.upper() if pairs else here
        state = _between(
            first, second, f"a{here}", f"b{there}", f"ab{here}{there if pairs else ''}"
        )
        state = state.replace(order=order, batch=batch)
        if not (pairs and here):
            return state
        within = [
            _between(part, part, f"a{here}", f"a{there}", f"a{here}{there}").replace(
                ntk=None, pairs=True, order=order
            )
            for part in (first, second)
        ]
        return state.replace(within=tuple(within), pairs=True).settled()

    @property
    def scale(self) -> jax.Array:
        r""":math:`\sqrt{q_i q_j}`, of the shape of ``delta``."""
        return safe_sqrt(self.q1) * safe_sqrt(self.q2)

    @property
    def nngp(self) -> jax.Array:
        r""":math:`E[z(x_i) z(x_j)]`, of the shape of ``delta``."""
        k = self.scale * (1 - self.delta)
        return k if self.products is None else corrected(self.products, k)

    @property
    def axes1(self) -> tuple[int, ...]:
        """Axes of the positions of x1 in ``delta``."""
        start = self.delta.ndim - self.positions * (2 if self.pairs else 1)
        return tuple(range(start, start + self.positions))

    @property
    def axes2(self) -> tuple[int, ...]:
        """Axes of the positions of x2 in ``delta``: those of x1 again unless all pairs are held."""
        return tuple(range(self.delta.ndim - self.positions, self.delta.ndim))

    @property
    def reach(self) -> jax.Array:
        """Largest absolute value of the correlations of fields that are not the same but for their sign."""
        return functools.reduce(jnp.maximum, [p._reach for p in (self, *(self.within or ()))])

    @property
    def _reach(self) -> jax.Array:
        correlation = jnp.abs(1 - self.delta)
        # Fields that are multiples of each other are not the same: series are not exact there.
        same = (correlation > 1 - rounding(correlation)) & alike(self.q1, self.q2)
        return jnp.max(correlation, initial=0, where=~same)

    def variances(self, count: int) -> jax.Array:
        """``count`` variances from the smallest that is positive to the largest."""
        q = jnp.concatenate([jnp.ravel(self.q1), jnp.ravel(self.q2)])
        largest = jnp.max(q, initial=0)
        smallest = jnp.min(q, initial=largest, where=q > 0)
        return smallest * safe_ratio(largest, smallest) ** jnp.linspace(0, 1, count, dtype=q.dtype)

    @property
    def bounded(self) -> Bound:
        """`bound`, also where it is None."""
        if self.bound is not None:
            return self.bound
        scale, zero = self.scale, jnp.zeros((), self.delta.dtype)
        ntk = zero if self.ntk is None else self.ntk
        size = jnp.max(safe_ratio(jnp.abs(ntk), scale), initial=0)
        return Bound(zero, zero, zero, size)

    def each(self, update: Callable[[Covariance], Covariance]) -> Covariance:
        """Apply ``update`` to this state and to those of each sample with itself."""
        state = update(self)
        if self.within is None:
            return state
        first, second = self.within
        return dataclasses.replace(state, within=(update(first), update(second)))

    def each_sample(
        self, update: Callable[..., Covariance], of1: jax.Array, of2: jax.Array
    ) -> Covariance:
        """`each` with something that is known for each sample and position.

        Args:
            update: called with a state and two arrays with the axes of its ``q1`` and ``q2``.
            of1, of2: what is known of x1 and of x2, shapes (n1, *S) and (n2, *S).
        """
        state = update(self, *self._beside(of1, of2))
        if self.within is None:
            return state
        first, second = (
            update(part, *part._beside(of, of))
            for part, of in zip(self.within, (of1, of2), strict=True)
        )
        return dataclasses.replace(state, within=(first, second))

    def _beside(self, of1: jax.Array, of2: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Arrays of shapes (n1, *S) and (n2, *S) with the axes of ``q1`` and ``q2``."""
        samples = self.delta.ndim - self.positions * (2 if self.pairs else 1)
        gap, rest = (1,) * (samples - 1), (1,) * (self.positions if self.pairs else 0)
        return (
            of1.reshape(*of1.shape[:1], *gap, *of1.shape[1:], *rest),
            of2.reshape(*gap, *of2.shape[:1], *rest, *of2.shape[1:]),
        )

    def emptied(self, mask1: jax.Array, mask2: jax.Array) -> Covariance:
        """The same state where these positions are absent, with zero fields there."""
        return self.each_sample(_emptied, mask1, mask2).replace(mask=(mask1, mask2))

    def settled(self) -> Covariance:
        """The same state where samples that are the same, or opposite, have the pairs of positions of one of them.

        Both are computed, between the samples and within each. If they differ by rounding a kink behind magnifies
        that, and a sum over positions no longer sees that the samples are the same.
        """
        lengths1, lengths2 = (
            [self.delta.shape[a] for a in axes] for axes in (self.axes1, self.axes2)
        )
        if self.within is None or lengths1 != lengths2 or self.delta.size == 0:
            return self
        here = LETTERS[: self.positions]
        equal = jnp.einsum(f"ab{here}{here}->ab{here}", self.delta)
        missing = jnp.squeeze(self.q1, self.axes2) + jnp.squeeze(self.q2, self.axes1) == 0
        first, second = self.within
        same, opposite = (
            jnp.all((equal == end) | missing, tuple(range(2, equal.ndim))) for end in (0, 2)
        )
        one = first.delta[:, None]
        delta = _agreed(_agreed(self.delta, one, same), 2 - one, opposite)
        # Behind a jump, variances of x2 would no longer be those of the same samples of x1.
        twins = same | opposite
        twin = _agreed(second.delta, first.delta[jnp.argmax(twins, 0)], jnp.any(twins, 0))
        second = second.replace(delta=corrected(second.delta, twin), products=second.products)
        return self.replace(
            delta=corrected(self.delta, delta), products=self.products, within=(first, second)
        )

    def replace(self, **changes: Any) -> Covariance:
        """The same state with some of its attributes changed; with another ``delta`` it loses its ``products``."""
        if "delta" in changes:
            changes.setdefault("products", None)
        return dataclasses.replace(self, **changes)

    def sloped(self, products: jax.Array | None) -> Covariance:
        """The same state with derivatives where variances in front of it vanished, from its ``products``."""
        if products is None:
            return self
        scale = self.scale
        raw = jnp.where(scale > 0, 1 - safe_ratio(products, scale), self.delta)
        return self.replace(delta=corrected(raw, self.delta), products=products)


def is_field(x: Any) -> bool:
    """Whether this is a state, and not a tuple of those of branches."""
    return isinstance(x, Covariance)


def _agreed(delta: jax.Array, other: jax.Array, where: jax.Array) -> jax.Array:
    """``other`` where it is the same as ``delta`` but for rounding, of samples for which that is to be asked.

    Samples that differ a little may be the same at equal positions but for rounding, and not elsewhere.
    """
    where = where.reshape(*where.shape, *(1,) * (delta.ndim - where.ndim))
    return jnp.where(where & (jnp.abs(delta - other) < 4 * rounding(other)), other, delta)


def _emptied(state: Covariance, absent1: jax.Array, absent2: jax.Array) -> Covariance:
    either = absent1 | absent2
    return state.replace(
        q1=jnp.where(absent1, 0, state.q1), q2=jnp.where(absent2, 0, state.q2),
        delta=jnp.where(either, 1, state.delta), mask=None,
        ntk=None if state.ntk is None else jnp.where(either, 0, state.ntk),
        products=None if state.products is None else jnp.where(either, 0, state.products),
    )  # fmt: skip


def _between(first: Inputs, second: Inputs, axes1: str, axes2: str, axes: str) -> Covariance:
    """The state whose arrays have ``axes``; ``axes1`` and ``axes2`` name those of x1 and x2."""
    product = jnp.einsum(
        f"{axes1}z,{axes2}z->{axes}", first.x, second.x, precision=jax.lax.Precision.HIGHEST
    )
    q1, mark1, opposite1 = (aligned(y, axes1, axes) for y in (first.q, first.mark, first.opposite))
    q2, mark2 = (aligned(y, axes2, axes) for y in (second.q, second.mark))
    cosine = product * (_over_norm(q1, first.channels) * _over_norm(q2, first.channels))
    # Fingerprints of 32 bits collide now and then: inputs must look alike as well.
    exact = jnp.where((cosine < -0.99) & (opposite1 == mark2), 2, jnp.clip(1 - cosine, 0, 2))
    exact = jnp.where((cosine > 0.99) & (mark1 == mark2), 0, exact)
    delta = corrected(1 - cosine, exact)
    return Covariance(
        q1, q2, delta, jnp.zeros_like(delta), products=product / first.channels,
        channels=first.channels, positions=first.x.ndim - 2,
    )  # fmt: skip


def aligned(x: jax.Array, own: str, axes: str) -> jax.Array:
    """The array with an axis of length 1 for each of ``axes`` that is not its own."""
    lengths = dict(zip(own, x.shape, strict=True))
    return x.reshape([lengths.get(axis, 1) for axis in axes])


def _over_norm(q: jax.Array, channels: int) -> jax.Array:
    """1/|x| for the mean square of x; zero for a zero input."""
    return safe_ratio(jnp.ones_like(q), safe_sqrt(q * channels))
