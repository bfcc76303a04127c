r"""Fully connected layers in NTK parameterisation.

Finite: :math:`z = \frac{\sigma_w}{\sqrt{n}} x W + \sigma_b b` with standard normal :math:`W, b`.
Infinite: :math:`K' = \sigma_w^2 K + \sigma_b^2` and :math:`\Theta' = K' + \sigma_w^2 \Theta`
(Jacot, Gabriel and Hongler 2018; Lee et al. 2019).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.linear import affine

__all__ = ["Dense"]


@layer
class Dense(Layer):
    """A fully connected layer of ``features`` units.

    Args:
        features: number of units; the width that goes to infinity, unless it is the last layer.
        w_std: standard deviation of the weights times the square root of the fan-in.
        b_std: standard deviation of the biases; None means that the layer has no biases.
    """

    features: int
    w_std: float = hyper(default=1.0)
    b_std: float | None = hyper(default=None)

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        fan_in = input_shape[-1]
        if self.b_std is None:
            return {"w": jax.random.normal(key, (fan_in, self.features))}
        # One draw for both: generators are what takes long to compile.
        drawn = jax.random.normal(key, (fan_in + 1, self.features))
        return {"w": drawn[:-1], "b": drawn[-1]}

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        fan_in = params["w"].shape[0]
        if x.shape[-1] != fan_in:
            raise ValueError(
                f"Dense({self.features}) got inputs with {x.shape[-1]} features, "
                f"but its parameters were made for {fan_in}."
            )
        # The weights enter the product bare and the scale follows: the structured tangent kernel
        # recognises a parameter by that.
        z = (self.w_std / fan_in**0.5) * jnp.matmul(x, params["w"])
        return z if self.b_std is None else z + self.b_std * params["b"]

    def propagate(self, state: Covariance) -> Covariance:
        w2, b2 = self.w_std**2, None if self.b_std is None else self.b_std**2

        def update(part: Covariance) -> Covariance:
            return affine(part, lambda f: f(part), w2, b2)

        return state.each(update).replace(channels=self.features)
