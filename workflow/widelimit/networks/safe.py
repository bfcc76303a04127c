"""Functions whose values and derivatives stay finite at zero."""

from __future__ import annotations

import jax
import jax.numpy as jnp

__all__ = ["safe_ratio", "safe_sqrt"]


def safe_sqrt(x: jax.Array) -> jax.Array:
    """Square root whose derivative at zero is zero, not infinite: a zero input gives no NaN."""
    positive = x > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1)), 0)


def safe_ratio(
    a: jax.Array | float, b: jax.Array | float, otherwise: jax.Array | float = 0
) -> jax.Array:
    """a/b where b > 0, and something else elsewhere."""
    return jnp.where(b > 0, a / jnp.where(b > 0, b, 1), otherwise)
