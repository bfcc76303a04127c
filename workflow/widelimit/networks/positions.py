r"""Fixed linear maps of the positions of a field, such as pooling, and the restriction to equal positions.

A map :math:`A` of the positions, the same for each channel, adds fields that are correlated:

.. math:: K'(s, s') = \sum_{r, r'} A(s, r)\, A(s', r')\, K(r, r'), \qquad
          \Theta'(s, s') = \sum_{r, r'} A(s, r)\, A(s', r')\, \Theta(r, r'),

so all pairs of positions are needed, also those within a sample. Here, as for the inputs, one minus the
correlation comes out of a difference; within the rounding error of the sums it is taken as exactly 0 or 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import LETTERS, Covariance, aligned
from widelimit.networks.rounding import corrected, rounding
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = [
    "LinearMap",
    "all_positions",
    "equal_positions",
    "from_moments",
    "map_positions",
    "map_samples_positions",
    "one_minus_correlation",
    "side_by_side",
]

LinearMap = Callable[[jax.Array, tuple[int, ...]], jax.Array]
"""Applies a linear map to an array along the axes given, which are those of one set of positions."""


def map_positions(
    state: Covariance, transform: LinearMap, magnitude: LinearMap | None = None
) -> Covariance:
    """The state behind a linear map of the positions, the same for all samples.

    Args:
        state: the state in front, with all pairs of positions.
        transform: the map A; it may remove the axes of positions (a global average).
        magnitude: the map by the absolute values of A; None is A itself.
    """
    magnitude = magnitude or transform
    return map_samples_positions(state, (transform, transform), (magnitude, magnitude))


def map_samples_positions(
    state: Covariance,
    transforms: tuple[LinearMap, LinearMap],
    magnitudes: tuple[LinearMap, LinearMap],
) -> Covariance:
    """`map_positions` by one map for the samples of x1 and one for those of x2."""
    if state.within is None:
        raise ValueError(
            "a map of the positions needs all pairs of them: make the state with pairs=True."
        )

    def both(x: jax.Array, part: Covariance, first: LinearMap, second: LinearMap) -> jax.Array:
        # The last axes first: the numbers of the first stay true where axes vanish.
        return first(second(x, part.axes2), part.axes1)

    ntk = None if state.ntk is None else both(state.ntk, state, *transforms)
    k1, k2 = (
        both(part.nngp, part, own, own) for part, own in zip(state.within, transforms, strict=True)
    )
    behind = from_moments(state, both(state.nngp, state, *transforms), ntk, k1, k2)
    if state.bound is None:
        return behind
    parts = zip(state.within, magnitudes, (behind.q1, behind.q2), strict=True)
    stretches = [_stretch(*part) for part in parts]
    return behind.replace(bound=state.bound.stretched(jnp.maximum(*stretches)))


def from_moments(
    state: Covariance, k: jax.Array, ntk: jax.Array | None, k1: jax.Array, k2: jax.Array
) -> Covariance:
    """The state with other second moments.

    Args:
        state: what all else is taken from.
        k, ntk: kernels between the samples, of shape (n1, n2, *S, *S); S may be empty.
        k1, k2: second moments within samples, of shape (n, *S, *S).
    """
    positions = (k.ndim - 2) // 2
    here, there = LETTERS[:positions], LETTERS[:positions].upper()
    q1, q2 = (jnp.einsum(f"a{here}{here}->a{here}", x) for x in (k1, k2))

    def made(k, theta, q1, q2, axis1, axis2):
        axes = (axis1 + axis2 if axis1 != axis2 else axis1) + here + there
        q1, q2 = aligned(q1, axis1 + here, axes), aligned(q2, axis2 + there, axes)
        return state.replace(
            q1=q1, q2=q2, delta=one_minus_correlation(k, q1, q2), ntk=theta, within=None, bound=None,
            products=None if state.products is None else k,
            graphs=state.graphs if axis1 != axis2 else None, positions=positions, pairs=positions > 0,
        )  # fmt: skip

    cross = made(k, ntk, q1, q2, "a", "b")
    if positions == 0:
        return cross
    within = (made(k1, None, q1, q1, "a", "a"), made(k2, None, q2, q2, "a", "a"))
    return cross.replace(within=within).settled()


def side_by_side(fields: Sequence[Covariance], axis: int) -> Covariance:
    """The field whose positions along one axis are those of independent fields, one after the other.

    Args:
        fields: they, alike but for the number of positions along that axis. All else, ``within`` too, is
            that of the first.
        axis: which axis of positions.
    """
    first = fields[0]
    axis1, axis2 = first.axes1[axis], first.axes2[axis]
    ntk = None if first.ntk is None else _blocks([f.ntk for f in fields], axis1, axis2, 0)
    return first.replace(
        q1=jnp.concatenate([f.q1 for f in fields], axis1),
        q2=jnp.concatenate([f.q2 for f in fields], axis2),
        delta=_blocks([f.delta for f in fields], axis1, axis2, 1), ntk=ntk,
    )  # fmt: skip


def _blocks(arrays: Sequence[jax.Array], axis1: int, axis2: int, elsewhere: float) -> jax.Array:
    """Arrays along a diagonal of two axes, and a number elsewhere; side by side if both are the same."""
    lengths = [x.shape[axis2] for x in arrays]
    rows = []
    for i, x in enumerate(arrays):
        around = [(0, 0)] * x.ndim
        if axis1 != axis2:
            around[axis2] = sum(lengths[:i]), sum(lengths[i + 1 :])
        rows.append(jnp.pad(x, around, constant_values=elsewhere))
    return jnp.concatenate(rows, axis1)


def equal_positions(state: Covariance) -> Covariance:
    """The same field with equal positions compared alone."""
    if not state.pairs:
        return state
    here = LETTERS[: state.positions]
    diagonal = f"ab{here}{here}->ab{here}"
    ntk, products = (
        None if x is None else jnp.einsum(diagonal, x) for x in (state.ntk, state.products)
    )
    return state.replace(
        q1=jnp.squeeze(state.q1, state.axes2), q2=jnp.squeeze(state.q2, state.axes1),
        delta=jnp.einsum(diagonal, state.delta), ntk=ntk, within=None, pairs=False, products=products,
    )  # fmt: skip


def all_positions(state: Covariance) -> Covariance:
    """All pairs of positions of a field that is known at equal ones and independent at different ones."""
    if state.pairs or state.positions == 0:
        return state
    here, there = LETTERS[: state.positions], LETTERS[: state.positions].upper()
    shape = state.delta.shape[2:]
    same = jnp.eye(prod(shape), dtype=bool).reshape(*shape, *shape)

    def within(q: jax.Array) -> Covariance:
        delta = jnp.broadcast_to(jnp.where(same, 0.0, 1.0), (len(q), *same.shape))
        q1, q2 = (aligned(q, "a" + own, "a" + here + there) for own in (here, there))
        return state.replace(
            q1=q1, q2=q2, delta=delta.astype(q.dtype), ntk=None, bound=None, graphs=None, pairs=True
        )

    axes = "ab" + here + there
    delta = aligned(state.delta, "ab" + here, axes)
    ntk = None if state.ntk is None else jnp.where(same, aligned(state.ntk, "ab" + here, axes), 0)
    return state.replace(
        q1=aligned(state.q1, "ab" + here, axes), q2=aligned(state.q2, "ab" + there, axes),
        delta=jnp.where(same, delta, 1), ntk=ntk,
        within=(within(state.q1[:, 0]), within(state.q2[0])), pairs=True,
    )  # fmt: skip


def one_minus_correlation(k: jax.Array, q1: jax.Array, q2: jax.Array) -> jax.Array:
    """One minus the correlation; 1 where a variance vanishes, exact at both ends."""
    scale = safe_sqrt(q1) * safe_sqrt(q2)
    delta = 1 - safe_ratio(k, scale)
    exact = jnp.where(delta < rounding(delta), 0, delta)
    return corrected(delta, jnp.where(delta > 2 - rounding(delta), 2, exact))


def _stretch(part: Covariance, transform: LinearMap, q: jax.Array) -> jax.Array:
    """How much smaller variances get than they would be with all positions fully correlated."""
    most = transform(safe_sqrt(part.q1), part.axes1).reshape(q.shape) ** 2
    return jnp.max(safe_ratio(most, q), initial=0)
