"""The hyperbolic tangent: finite networks only."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.layer import layer

__all__ = ["Tanh"]


@layer
class Tanh(Activation):
    r""":math:`\phi(z) = \tanh z`. Its dual has no closed form."""

    def __call__(self, z: jax.Array) -> jax.Array:
        return jnp.tanh(z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        raise ValueError(
            "Tanh has no closed-form kernel; Erf is the smooth odd sigmoid that has one. "
            "Finite networks with Tanh, and their empirical tangent kernels, are available."
        )
