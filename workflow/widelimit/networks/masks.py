r"""Absent positions: inputs of variable length, and images with missing pixels, in arrays of one shape.

A position of a sample is *absent* if all its channels hold one constant, see `Masked`. It counts as one that lies
beyond the edge of the image:

- its field is zero in front of every layer and behind every layer;
- a window without padding that covers it is not there; one with padding sees a zero, and is there if its
  middle is;
- averages over all positions, and those over windows that count the cells inside of the image alone, divide by
  the number of present ones, and so does the softmax of attention;
- a sample without present positions is zero, also behind `Flatten` and global pooling.

So the kernels of sequences of different lengths, filled up to one length, are those of the sequences alone.
Exceptions are what knows the shape of the array: strides with padding, whose windows start at a place that
depends on the length, periodic padding, which goes round the array, and the mean over positions in `Flatten`.

Masks are boolean arrays of shape (n, \*S) over samples and positions, True where a position is absent; for
branches they are tuples, as fields are.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

__all__ = ["absent", "counting", "emptied", "nothing_present"]


def absent(x: Any, constant: float) -> Any:
    """The mask of inputs of shape (n, *S, channels), NumPy or JAX: where all channels hold the constant."""
    marked = x != x if constant != constant else x == constant
    return marked.all(axis=-1)


def emptied(x: Any, mask: Any) -> Any:
    """A field of shape (n, *S, channels), or those of branches, with zeros where it is absent."""
    return jax.tree.map(lambda value, at: jnp.where(at[..., None], 0, value), x, mask)


def nothing_present(mask: jax.Array) -> jax.Array:
    """Samples without present positions, shape (n,): the mask of what is left when positions are joined."""
    return jnp.all(mask, tuple(range(1, mask.ndim)))


def counting(mask: jax.Array) -> jax.Array:
    """Positions that count in averages: those present; all where none is, so that zero is not divided by zero."""
    return ~mask | nothing_present(mask).reshape(-1, *[1] * (mask.ndim - 1))
