"""Raw inputs, with what is known of each alone: it is computed once, and not for each pair of them."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.fingerprints import fingerprint

__all__ = ["Inputs", "as_array"]

_BLOCK = 64 * 2**20
"""Bytes of inputs on the device at once."""

_ROWS = 64


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Inputs:
    """Inputs with axes of positions S; all arrays have the axis of samples first.

    Attributes:
        x: the inputs, shape (n, *S, channels).
        q: mean squares of the channels, shape (n, *S).
        mark, opposite: fingerprints of x and of -x, shape (n, *S).
    """

    x: Any
    q: Any
    mark: Any
    opposite: Any

    @classmethod
    def of(cls, x: Any) -> Inputs:
        """The inputs of an array, NumPy or JAX, of shape (n, *S, channels); in float32 at least, it stays where it is."""
        x = as_array(x)
        if x.ndim < 2:
            raise ValueError(
                f"inputs have shape {x.shape}, expected (samples, features) or, for images, "
                "(samples, height, width, channels): a single input needs an axis of length 1."
            )
        dtype = jnp.promote_types(jnp.result_type(x, float), jnp.float32)
        x = x.astype(dtype, copy=False)
        return cls(x, *(_known(x) if isinstance(x, jax.Array) else _known_by_blocks(x)))

    @property
    def channels(self) -> int:
        """Numbers at each position."""
        return self.x.shape[-1]


def as_array(x: Any) -> Any:
    """A JAX array as it is, all else as one of NumPy."""
    return x if isinstance(x, jax.Array) else np.asarray(x)


@jax.jit
def _known(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    return jnp.sum(x**2, axis=-1) / x.shape[-1], fingerprint(x), fingerprint(-x)


def _known_by_blocks(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """`_known` with bounded memory on the device, and compiled for few numbers of samples."""
    most = max(1, _BLOCK // max(1, x[:1].nbytes))
    parts = [_padded(x[i : i + most], most) for i in range(0, max(len(x), 1), most)]
    with jax.ensure_compile_time_eval():  # NumPy arrays are constants where a function is traced
        found = list(zip(*map(_known, parts), strict=True))
    return tuple(np.concatenate([np.asarray(part) for part in parts])[: len(x)] for parts in found)


def _padded(x: np.ndarray, most: int) -> np.ndarray:
    """With more samples, up to a multiple of `_ROWS`, but not more than ``most``."""
    rest = min(-len(x) % _ROWS, most - len(x))
    return np.concatenate([x, np.zeros((rest, *x.shape[1:]), x.dtype)])
