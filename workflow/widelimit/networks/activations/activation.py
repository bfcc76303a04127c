"""What every activation is: a scalar function, and its dual on Gaussian fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from widelimit.networks.bounds import Bound, Lacking
from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params
from widelimit.networks.rounding import apart, clipped, corrected
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["Activation", "Dual", "dual_from_fall", "turn_and_reach"]


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
    at_one: Callable[[jax.Array, jax.Array], jax.Array],
    variances: tuple[jax.Array, jax.Array],
    q1: jax.Array,
    q2: jax.Array,
    fall: jax.Array,
    dot: jax.Array,
) -> Dual:
    r"""The dual of a smooth activation from quantities that lose no digits.

    With :math:`F(c)` the second moment at correlation :math:`c`, one minus the new correlation is
    :math:`(\sqrt{q_1' q_2'} - F(1) + [F(1) - F(c)]) / \sqrt{q_1' q_2'}`.

    Args:
        at_one: :math:`F(1) = E[\phi(r_1 z) \phi(r_2 z)]` of standard deviations :math:`r_1, r_2`.
        variances: those in front. New variances may be equal where they are not: a wave forgets a large one.
        q1, q2: new variances.
        fall: :math:`F(1) - F(c)`, computed without cancellation.
        dot: as in `Dual`.
    """
    r1, r2 = safe_sqrt(variances[0]), safe_sqrt(variances[1])
    norm1, norm2 = safe_sqrt(q1), safe_sqrt(q2)
    (turn1, reach1), (turn2, reach2) = (
        turn_and_reach(at_one, r1, norm1),
        turn_and_reach(at_one, r2, norm2),
    )
    scale = norm1 * norm2
    raw = scale - at_one(r1, r2)
    square = apart(r1, r2) ** 2
    rest = jnp.where(square <= reach1 * reach2, square * (turn1 * turn2), jnp.maximum(raw, 0))
    delta = safe_ratio(corrected(raw, rest) + fall, scale, otherwise=1)
    return Dual(q1, q2, clipped(delta), dot)


def turn_and_reach(
    at_one: Callable[[jax.Array, jax.Array], jax.Array], root: jax.Array, norm: jax.Array
) -> tuple[jax.Array, jax.Array]:
    r"""How fast :math:`\phi(rz)` turns with r, and up to which distance of r that is all that is needed.

    For close standard deviations :math:`\sqrt{q_1' q_2'} - F(1) = \frac12 E[(\phi(r_1 z) - \phi(r_2 z))^2] -
    \frac12 (\sqrt{q_1'} - \sqrt{q_2'})^2 \approx w^2 (r_1 - r_2)^2`, where with :math:`\chi = z\phi'(rz)`

    .. math:: 2 w^2 = E[\chi^2] - E[\phi\chi]^2 / E[\phi^2], \qquad E[\chi^2] = \partial_1 \partial_2 F(1), \qquad
              2 E[\phi\chi] = \partial_r E[\phi^2] .

    With :math:`w_1 w_2` for :math:`w^2` the error is of order :math:`(r_1 - r_2)^4`, and that of the difference itself
    is a rounding: they meet at the fourth root of that, in units of r, or of the distance over which it turns by one
    if that is shorter.

    Args:
        at_one: as in `dual_from_fall`.
        root: r.
        norm: :math:`\sqrt{E[\phi^2]}`.

    Returns:
        w, and that distance.
    """
    one = jnp.ones_like(root)

    def slope(of: Callable[[jax.Array], jax.Array]) -> jax.Array:
        return jax.jvp(of, (root,), (one,))[1]

    mixed = slope(lambda first: slope(lambda second: at_one(first, second)))
    along = slope(lambda r: at_one(r, r)) / 2
    turn = safe_sqrt((mixed - safe_ratio(along, norm) ** 2) / 2)
    reach = jnp.minimum(root, safe_ratio(norm, turn, otherwise=jnp.inf))
    return turn, reach * float(jnp.finfo(root.dtype).eps) ** 0.25
