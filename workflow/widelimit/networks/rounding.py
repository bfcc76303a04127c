"""What is the same but for rounding."""

from __future__ import annotations

import jax
import jax.numpy as jnp

__all__ = ["alike", "apart", "clipped", "corrected", "rounding"]


def rounding(x: jax.Array) -> float:
    """The relative error that a few sums and products leave: 16 times the distance of 1 from the next number."""
    return 16 * float(jnp.finfo(x.dtype).eps)


def alike(q1: jax.Array, q2: jax.Array) -> jax.Array:
    """Whether two variances are the same but for rounding."""
    return jnp.abs(q1 - q2) <= rounding(q1) * q1


def apart(a: jax.Array, b: jax.Array) -> jax.Array:
    """The difference a - b for a ≥ 0, and 0 where both are the same but for rounding; its derivatives stay.

    What is known of the same input may differ in its last bits, as it comes out of different arrays; a kink behind it
    would make the square root of their square of that.
    """
    gap = a - b
    return corrected(gap, jnp.where(jnp.abs(gap) > rounding(a) * a, gap, 0))


@jax.custom_jvp
def corrected(raw: jax.Array, value: jax.Array | float) -> jax.Array:
    r"""``value``, with the derivatives of ``raw``, from which it differs by rounding alone.

    A constant in its place would have none. At identical inputs first derivatives of one minus the correlation
    are zero, but not the mixed second ones, and with them :math:`E|\nabla f|^2 = \sum_i \partial_{x_i}
    \partial_{y_i} K(x, y)` at y = x. A sum of ``raw`` and of the difference would not do: a compiler may round the
    two ``raw`` in it differently, and 1e-17 is not 0 where variances are large.
    """
    return jnp.broadcast_to(value, raw.shape).astype(raw.dtype)


@corrected.defjvp
def _(primals, tangents):
    return corrected(*primals), tangents[0]


def clipped(delta: jax.Array) -> jax.Array:
    """One minus a correlation, which rounding may have taken out of [0, 2], or away from 2; its derivatives stay.

    Near 2 there are no more digits than those of 2: of antipodal inputs, seen through a window, a kink behind it
    would make the square root of what they leave.
    """
    return corrected(delta, jnp.where(delta > 2 - rounding(delta), 2, jnp.maximum(delta, 0)))
