"""What every activation is: a scalar function, and its dual on Gaussian fields."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from widelimit.networks.bounds import Bound, Lacking
from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params
from widelimit.networks.rounding import alike, clipped, corrected
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["Activation", "Dual", "dual_from_fall"]


_VARIANCES = 32
"""Variances, from the smallest to the largest, at which bounds of errors are taken."""


class Dual(NamedTuple):
    r"""Second moments of :math:`\phi(z)` for a Gaussian field :math:`z`; arrays broadcast as in `Covariance`.

    Attributes:
        q1, q2: :math:`E[\phi(z(x))^2]` on both sets of inputs.
        delta: one minus the correlation of :math:`\phi(z(x_i))` and :math:`\phi(z(x_j))`.
        dot: :math:`E[\phi'(z(x_i)) \phi'(z(x_j))]`.
    """

    q1: jax.Array
    q2: jax.Array
    delta: jax.Array
    dot: jax.Array


class Activation(Layer):
    """An elementwise function. Subclasses define ``__call__`` and ``dual``."""

    def __call__(self, z: jax.Array) -> jax.Array:
        """The function itself, elementwise."""
        raise NotImplementedError

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        """Second moments behind the activation; arguments as in `Covariance`."""
        raise NotImplementedError

    def at_order(self, order: int) -> Activation:
        """The activation whose series, if it has one and says no order itself, is cut at ``order``."""
        return self

    def lacking(self, q: jax.Array, reach: jax.Array | float = 1.0) -> Lacking | None:
        """What `dual` may be off by on fields of variances ``q``; None if it is exact to rounding.

        Args:
            q: variances.
            reach: largest absolute value of the correlations.
        """
        return None

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return self(x)

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return mask

    def propagate(self, state: Covariance) -> Covariance:
        r""":math:`\Theta' = E[\phi'\phi'] \odot \Theta`: an activation has no parameters of its own."""
        name = type(self).__name__
        if not state.gaussian:
            raise ValueError(
                f"{name} got a field that is not Gaussian, expected one that comes out of a linear "
                f"layer: put a Dense layer in front of {name}."
            )
        cut = self.at_order(state.order)
        return state.each(cut._propagate).replace(bound=cut._bound(state))

    def _propagate(self, state: Covariance) -> Covariance:
        q1, q2, delta, dot = self.dual(state.q1, state.q2, state.delta)
        ntk = None if state.ntk is None else dot * state.ntk
        return state.replace(q1=q1, q2=q2, delta=delta, ntk=ntk, gaussian=False)

    def _bound(self, state: Covariance) -> Bound | None:
        q = state.variances(_VARIANCES)
        lacking = self.lacking(q, state.reach)
        if state.bound is None and lacking is None:
            return None
        return state.bounded.activated(self.dual, lacking, q)


def dual_from_fall(
    variances: tuple[jax.Array, jax.Array],
    q1: jax.Array,
    q2: jax.Array,
    at_one: jax.Array,
    fall: jax.Array,
    dot: jax.Array,
) -> Dual:
    r"""The dual of a smooth activation from quantities that lose no digits.

    With :math:`F(c)` the second moment at correlation :math:`c`, one minus the new correlation is
    :math:`(\sqrt{q_1' q_2'} - F(1) + [F(1) - F(c)]) / \sqrt{q_1' q_2'}`.

    Args:
        variances: those in front. Where they are equal, :math:`F(1)` is the new variance; the difference is
            not left to rounding, which may even differ between both arrays. New variances may be equal
            without that: a wave forgets a large one.
        q1, q2: new variances.
        at_one: :math:`F(1)`.
        fall: :math:`F(1) - F(c)`, computed without cancellation.
        dot: as in `Dual`.
    """
    scale = safe_sqrt(q1) * safe_sqrt(q2)
    before1, before2 = variances
    exact = jnp.where(alike(before1, before2), 0, jnp.maximum(scale - at_one, 0))
    gap = corrected(scale - at_one, exact) + fall
    delta = safe_ratio(gap, scale, otherwise=1)
    return Dual(q1, q2, clipped(delta), dot)
