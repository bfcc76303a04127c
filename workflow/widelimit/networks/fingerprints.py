"""Recognising inputs that are the same to the bit but for a power of two, by one comparison for each pair.

The inner product of two equal unit vectors is one only to rounding, and the ReLU kernel turns a rounding
error of 1e-16 there into one of 1e-8.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["fingerprint"]

_MURMUR = {
    4: (16, 0x85EBCA6B, 13, 0xC2B2AE35, 16),
    8: (33, 0xFF51AFD7ED558CCD, 33, 0xC4CEB9FE1A85EC53, 33),
}
"""Shifts and factors by the bytes of a word."""


def fingerprint(x: jax.Array) -> jax.Array:
    """A word for each entry of ``x`` and its place, summed modulo the word size over the last axis.

    It is made from the bits of ``x`` over the power of two above its largest entry, a division that does not round.
    All bits of an entry change all bits of its word: inputs of a few values, such as ±1, collide as seldom as others.
    """
    x = jax.lax.stop_gradient(x)
    _, exponent = jnp.frexp(jnp.max(jnp.abs(x), axis=-1, initial=0, keepdims=True))
    bits = jax.lax.bitcast_convert_type(
        x * jnp.ldexp(jnp.ones((), x.dtype), -exponent) + 0.0,  # -0.0 becomes 0.0
        jnp.uint64 if x.dtype == jnp.float64 else jnp.uint32,
    )
    places = np.random.default_rng(0x5EED).integers(0, 2**64, x.shape[-1], dtype=np.uint64)
    return jnp.sum(_mixed(bits ^ places.astype(bits.dtype)), axis=-1, dtype=bits.dtype)


def _mixed(word: jax.Array) -> jax.Array:
    """The finaliser of MurmurHash3 (Appleby 2011), which permutes words."""
    first, factor, second, other, third = _MURMUR[word.dtype.itemsize]
    word = (word ^ (word >> first)) * word.dtype.type(factor)
    word = (word ^ (word >> second)) * word.dtype.type(other)
    return word ^ (word >> third)
