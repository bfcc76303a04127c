"""Many draws of one network at once."""

from __future__ import annotations

from functools import partial

import jax

from widelimit.networks.layer import Layer, Params

__all__ = ["init_many"]


@partial(jax.jit, static_argnames="input_shape")
def init_many(net: Layer, keys: jax.Array, input_shape: tuple[int, ...]) -> Params:
    """Parameters of one network for each key; every leaf gets a leading axis of length len(keys)."""
    return jax.vmap(lambda key: net.init(key, input_shape))(keys)
