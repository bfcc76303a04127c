r"""Fully connected layers.

In NTK parameterisation: :math:`z = \frac{\sigma_w}{\sqrt{n}} x W + \sigma_b b` with standard normal
:math:`W, b`; infinitely wide :math:`K' = \sigma_w^2 K + \sigma_b^2` and :math:`\Theta' = K' + \sigma_w^2 \Theta`
(Jacot, Gabriel and Hongler 2018; Lee et al. 2019). For others see `linear`.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Params, hyper, layer
from widelimit.networks.linear import Linear

__all__ = ["Dense"]


@layer
class Dense(Linear):
    """A fully connected layer of ``features`` units; it acts on the channels of any field.

    Args:
        features: number of units; the width that goes to infinity, unless it is the last layer.
        w_std: standard deviation of the weights times the square root of the fan-in.
        b_std: standard deviation of the biases; None means that the layer has no biases.
        parameterization: "ntk", "standard" or "mup", see the table in `linear`.
        base_width: N of the standard parameterisation; None is the number of channels in front.
    """

    features: int
    w_std: float = hyper(default=1.0)
    b_std: float | None = hyper(default=None)
    parameterization: str = "ntk"
    base_width: int | None = None

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        fan_in = input_shape[-1]
        if self.b_std is None:
            return self.drawn(jax.random.normal(key, (fan_in, self.features)), None, fan_in)
        # One draw for both: generators are what takes long to compile.
        drawn = jax.random.normal(key, (fan_in + 1, self.features))
        return self.drawn(drawn[:-1], drawn[-1], fan_in)

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        fan_in = params["w"].shape[0]
        if x.shape[-1] != fan_in:
            raise ValueError(
                f"Dense({self.features}) got inputs with {x.shape[-1]} features, "
                f"but its parameters were made for {fan_in}."
            )
        return self.scaled(jnp.matmul(x, params["w"]), params, fan_in)

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return mask

    def propagate(self, state: Covariance) -> Covariance:
        return self.through(state, lambda part: lambda f: f(part))
