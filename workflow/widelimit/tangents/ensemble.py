"""Tangent kernels of many random draws of one network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks import Layer
from widelimit.precision import precision
from widelimit.tangents.ntk import ntk

__all__ = ["sample_ntk"]

_PARAMETERS_AT_ONCE = 2**22
"""Small networks are drawn side by side up to this many parameters, large ones one by one."""


def sample_ntk(
    net: Layer,
    key: jax.Array,
    seeds: Sequence[int] | np.ndarray,
    x: np.ndarray,
    *,
    dtype: str = "float64",
) -> np.ndarray:
    """Empirical tangent kernels of independent draws of a network's parameters.

    Args:
        net: the network, with its finite widths.
        key: the ensemble's key; draw number s uses ``fold_in(key, s)``, whatever other draws are made.
        seeds: numbers of the draws.
        x: inputs, shape (n, d).
        dtype: "float64" or "float32".

    Returns:
        Kernels (traced over outputs), shape (len(seeds), n, n).
    """
    with precision(dtype):
        together = min(len(seeds), _together(net, key, x.shape[1:]))
        kernels = _draws(net, key, jnp.asarray(seeds), jnp.asarray(x, dtype), together)
        return np.asarray(kernels)


@partial(jax.jit, static_argnums=4)
def _draws(net: Layer, key: jax.Array, seeds: jax.Array, x: jax.Array, together: int) -> jax.Array:
    def draw(seed):
        params = net.init(jax.random.fold_in(key, seed), x.shape[1:])
        return ntk(net, params, x)

    # With batch_size=1 the products would become batched ones of one, which XLA runs slower.
    return jax.lax.map(draw, seeds, batch_size=together if together > 1 else None)


def _together(net: Layer, key: jax.Array, input_shape: tuple[int, ...]) -> int:
    """How many draws to compute side by side."""
    leaves = jax.tree.leaves(jax.eval_shape(lambda k: net.init(k, input_shape), key))
    if any(leaf.ndim > 2 for leaf in leaves):
        return 1  # a convolution with a batch of weights is slow
    return max(1, _PARAMETERS_AT_ONCE // sum(leaf.size for leaf in leaves))
