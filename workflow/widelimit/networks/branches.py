r"""Networks that branch: copies of a field go through layers side by side and come together again.

Between `FanOut` and a `FanIn…` layer, what passes from layer to layer is a tuple, one entry for each branch.

At infinite width a branch that ends in weights of its own is a field of mean zero, independent of all
others. A branch without weights of its own, such as a shortcut, is not independent of another such branch,
so that there may be one of them; more are refused, where adding their kernels would be wrong.

Raw inputs are such a branch too, and have as many channels as the data: the kernel is that of many. What a sum
of d raw channels and weights leaves out, the product of both, has mean zero and falls as :math:`1/\sqrt d`. A Dense
layer in front of the fork, or in each branch, makes it exact.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.bounds import Bound, widest
from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.masked import propagated
from widelimit.networks.mixture import Part, mixture
from widelimit.networks.positions import side_by_side

__all__ = [
    "FanInConcat",
    "FanInPositions",
    "FanInProd",
    "FanInSum",
    "FanOut",
    "Parallel",
    "product",
]


class _NoParameters(Layer):
    def init(self, key: jax.Array, input_shape: Any) -> Params:
        return ()


@layer
class FanOut(_NoParameters):
    """``count`` copies of a field."""

    count: int

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> Any:
        return (x,) * self.count

    def mask_behind(self, mask: jax.Array) -> Any:
        return (mask,) * self.count

    def propagate(self, state: Covariance) -> Any:
        return (state.replace(shared=True),) * self.count


@layer
class Parallel(Layer):
    """Layers side by side, one for each branch; parameters and hyper-parameters are tuples."""

    layers: tuple[Layer, ...] = hyper(default=())

    def __init__(self, *layers: Layer):
        object.__setattr__(self, "layers", layers)

    @property
    def hyper(self) -> tuple[Any, ...]:
        return tuple(part.hyper for part in self.layers)

    def replace_hyper(self, hyper: Any) -> Parallel:
        return Parallel(*(p.replace_hyper(h) for p, h in zip(self.layers, hyper, strict=True)))

    def init(self, key: jax.Array, input_shape: Any) -> Params:
        keys = jax.random.split(key, len(self.layers))
        parts = zip(self.layers, keys, self._branches(input_shape), strict=True)
        return tuple(part.init(part_key, shape) for part, part_key, shape in parts)

    def apply(
        self, params: Params, x: Any, *, key: jax.Array | None = None, train: bool = False
    ) -> Any:
        parts = zip(self.layers, params, self._branches(x), self._keys(key), strict=True)
        return tuple(part.apply(p, branch, key=k, train=train) for part, p, branch, k in parts)

    @property
    def couples_samples(self) -> bool:
        return any(part.couples_samples for part in self.layers)

    def apply_masked(
        self,
        params: Params,
        x: Any,
        mask: Any,
        *,
        key: jax.Array | None = None,
        train: bool = False,
    ) -> Any:
        parts = zip(self.layers, params, self._branches(x), mask, self._keys(key), strict=True)
        return tuple(
            part.apply_masked(p, branch, m, key=k, train=train) for part, p, branch, m, k in parts
        )

    def mask_behind(self, mask: Any) -> Any:
        parts = zip(self.layers, self._branches(mask), strict=True)
        return tuple(part.mask_behind(branch) for part, branch in parts)

    def _keys(self, key: jax.Array | None) -> Any:
        """A key for each branch."""
        return [None] * len(self.layers) if key is None else jax.random.split(key, len(self.layers))

    def pairs_before(self, after: bool) -> bool:
        return any(part.pairs_before(after) for part in self.layers)

    def propagate(self, state: Any) -> Any:
        parts = zip(self.layers, self._branches(state), strict=True)
        return tuple(propagated(part, branch) for part, branch in parts)

    def _branches(self, branches: Any) -> Any:
        if not isinstance(branches, tuple) or len(branches) != len(self.layers):
            found = len(branches) if isinstance(branches, tuple) else "a field that does not branch"
            raise ValueError(
                f"Parallel of {len(self.layers)} layers got {found}, expected {len(self.layers)} "
                f"branches: put FanOut({len(self.layers)}) in front."
            )
        return branches


class _FanIn(_NoParameters):
    def propagate(self, state: Any) -> Covariance:
        shapes = {self._alike(branch) for branch in state}
        if len(shapes) > 1:
            raise ValueError(
                f"{type(self).__name__} got branches whose covariances have shapes {sorted(shapes)}, "
                "expected the same for all: do they differ in strides, pooling or Flatten?"
            )
        self._check(state)
        joined = self._join(state).replace(batch=all(branch.batch for branch in state))
        if any(branch.bound is not None for branch in state):
            joined = joined.replace(bound=self._bound([branch.bounded for branch in state]))
        if joined.within is None:
            return joined
        within = (self._join([branch.within[i] for branch in state]) for i in range(2))
        return joined.replace(within=tuple(within))

    def _alike(self, branch: Covariance) -> tuple[int, ...]:
        """What all branches must share."""
        return branch.delta.shape

    def mask_behind(self, mask: Any) -> jax.Array:
        # What one branch has is there.
        return functools.reduce(operator.and_, mask)

    def _check(self, branches: Sequence[Covariance]) -> None:
        """Refuse branches for which the rule of `_join` would be wrong."""

    def _join(self, branches: Sequence[Covariance]) -> Covariance:
        raise NotImplementedError

    def _bound(self, bounds: Sequence[Bound]) -> Bound:
        """How far the joined field may be off."""
        return widest(bounds).mixed()

    def _refuse_correlated(self, branches: Sequence[Covariance]) -> None:
        """Refuse branches whose covariances with each other do not all vanish."""
        count = sum(branch.shared or not branch.gaussian for branch in branches)
        self._refuse_more_than_one(count, "that do not end in weights of their own")

    def _refuse_more_than_one(self, count: int, what: str) -> None:
        if count > 1:
            raise ValueError(
                f"{type(self).__name__} got {count} branches {what}; their fields are correlated, so "
                "that there is no simple rule for the kernel. End all branches but one in a Dense or "
                "Conv layer."
            )


@layer
class FanInSum(_FanIn):
    r"""The sum of all branches: :math:`K = \sum_i K_i`, :math:`\Theta = \sum_i \Theta_i`."""

    def apply(
        self, params: Params, x: Any, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return functools.reduce(operator.add, x)

    def _check(self, branches: Sequence[Covariance]) -> None:
        self._refuse_correlated(branches)

    def _join(self, branches: Sequence[Covariance]) -> Covariance:
        q1, q2, delta = mixture([Part(b.q1, b.q2, b.delta) for b in branches])
        return branches[0].replace(
            q1=q1, q2=q2, delta=delta, ntk=_total(branches, lambda b: b.ntk),
            **_flags(branches),
        ).sloped(_products(branches, [1] * len(branches)))  # fmt: skip


@layer
class FanInProd(_FanIn):
    r"""The product of all branches: :math:`K = \prod_i K_i`, :math:`\Theta = \sum_i \Theta_i \prod_{j \ne i} K_j`."""

    def apply(
        self, params: Params, x: Any, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return functools.reduce(operator.mul, x)

    def _check(self, branches: Sequence[Covariance]) -> None:
        count = sum(branch.shared for branch in branches)
        self._refuse_more_than_one(count, "without weights of their own")

    def _join(self, branches: Sequence[Covariance]) -> Covariance:
        return functools.reduce(product, branches)

    def _bound(self, bounds: Sequence[Bound]) -> Bound:
        return functools.reduce(Bound.times, bounds)


def product(a: Covariance, b: Covariance) -> Covariance:
    """The product of two independent fields, of covariances that broadcast."""
    plain = a.products is None and b.products is None
    return a.replace(
        q1=a.q1 * b.q1, q2=a.q2 * b.q2,
        delta=a.delta + b.delta * (1 - a.delta),  # 1 - c_a c_b
        ntk=None if a.ntk is None else a.ntk * b.nngp + a.nngp * b.ntk,
        gaussian=False, shared=a.shared or b.shared, wide=a.wide and b.wide,
    ).sloped(None if plain else a.nngp * b.nngp)  # fmt: skip


@layer
class FanInConcat(_FanIn):
    r"""All channels of all branches: kernels are averages weighted by the numbers of channels.

    The widths of the finite network count here, as they give the proportions of the branches.
    """

    def apply(
        self, params: Params, x: Any, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return jnp.concatenate(x, axis=-1)

    def _join(self, branches: Sequence[Covariance]) -> Covariance:
        channels = sum(b.channels for b in branches)
        shares = [b.channels / channels for b in branches]
        parts = [Part(s * b.q1, s * b.q2, b.delta) for s, b in zip(shares, branches, strict=True)]
        q1, q2, delta = mixture(parts)
        return branches[0].replace(
            q1=q1, q2=q2, delta=delta,
            ntk=_total(branches, lambda b: None if b.ntk is None else b.channels / channels * b.ntk),
            gaussian=False, channels=channels, shared=any(b.shared for b in branches),
            wide=False,
        ).sloped(_products(branches, shares))  # fmt: skip


@layer
class FanInPositions(_FanIn):
    r"""All positions of all branches, one after the other along an axis.

    .. math:: K = \begin{pmatrix} K_1 & 0 \\ 0 & K_2 \end{pmatrix}, \qquad
              \Theta = \begin{pmatrix} \Theta_1 & 0 \\ 0 & \Theta_2 \end{pmatrix} .

    Args:
        axis: which axis of positions; the others, and the channels, are the same in all branches.
    """

    axis: int = 0

    def apply(
        self, params: Params, x: Any, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return jnp.concatenate(x, 1 + self._along(x[0].ndim - 2))

    def _alike(self, branch: Covariance) -> tuple[int, ...]:
        axis = self._along(branch.positions)
        joined = branch.axes1[axis], branch.axes2[axis]
        return tuple(0 if i in joined else n for i, n in enumerate(branch.delta.shape))

    def _check(self, branches: Sequence[Covariance]) -> None:
        channels = {branch.channels for branch in branches}
        if len(channels) > 1:
            raise ValueError(
                f"FanInPositions got branches of {sorted(channels)} channels, expected the same number for "
                "all: end them in Dense or Conv layers of as many features."
            )
        self._refuse_correlated(branches)

    def _join(self, branches: Sequence[Covariance]) -> Covariance:
        along = self._along(branches[0].positions)
        return side_by_side(branches, along).replace(**_flags(branches))

    def _bound(self, bounds: Sequence[Bound]) -> Bound:
        return widest(bounds)

    def mask_behind(self, mask: Any) -> jax.Array:
        return jnp.concatenate(mask, 1 + self._along(mask[0].ndim - 1))

    def _along(self, positions: int) -> int:
        if not -positions <= self.axis < positions:
            raise ValueError(
                f"FanInPositions along axis {self.axis} got fields over {positions} axes of positions."
            )
        return self.axis % positions


def _flags(branches: Sequence[Covariance]) -> dict[str, bool]:
    """What independent fields are together, channel by channel."""
    return {
        "gaussian": all(b.gaussian for b in branches),
        "shared": any(b.shared for b in branches),
        "wide": all(b.wide for b in branches),
    }


def _total(branches: Sequence[Covariance], of: Callable[[Covariance], Any]) -> Any:
    """The sum of something over branches; None within samples, which have no tangent kernel."""
    if branches[0].ntk is None:
        return None
    return functools.reduce(operator.add, (of(b) for b in branches))


def _products(branches: Sequence[Covariance], weights: Sequence[float]) -> jax.Array | None:
    """`Covariance.products` of a weighted sum of branches; None if no branch has any."""
    if all(b.products is None for b in branches):
        return None
    parts = (w * b.nngp for w, b in zip(weights, branches, strict=True))
    return functools.reduce(operator.add, parts)
