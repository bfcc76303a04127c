"""Raw inputs, with what is known of each alone: it is computed once, and not for each pair of them."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.fingerprints import fingerprint

__all__ = ["Inputs"]


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
        """The inputs of an array, NumPy or JAX, of shape (n, *S, channels); it stays where it is."""
        x = x if isinstance(x, jax.Array) else np.asarray(x)
        if x.ndim < 2:
            raise ValueError(
                f"inputs have shape {x.shape}, expected (samples, features) or, for images, "
                "(samples, height, width, channels): a single input needs an axis of length 1."
            )
        x = x.astype(jnp.result_type(x, float), copy=False)
        return cls(x, *_known(x))

    @property
    def channels(self) -> int:
        """Numbers at each position."""
        return self.x.shape[-1]


@jax.jit
def _known(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    return jnp.sum(x**2, axis=-1) / x.shape[-1], fingerprint(x), fingerprint(-x)
