"""What is the same but for rounding."""

from __future__ import annotations

import jax
import jax.numpy as jnp

__all__ = ["alike", "rounding"]


def rounding(x: jax.Array) -> float:
    """The relative error that a few sums and products leave: 16 times the distance of 1 from the next number."""
    return 16 * float(jnp.finfo(x.dtype).eps)


def alike(q1: jax.Array, q2: jax.Array) -> jax.Array:
    """Whether two variances are the same but for rounding."""
    return jnp.abs(q1 - q2) <= rounding(q1) * q1
