r"""Fully connected layers in NTK parameterisation.

Finite: :math:`z = \frac{\sigma_w}{\sqrt{n}} x W + \sigma_b b` with standard normal :math:`W, b`.
Infinite: :math:`K' = \sigma_w^2 K + \sigma_b^2` and :math:`\Theta' = K' + \sigma_w^2 \Theta`
(Jacot, Gabriel and Hongler 2018; Lee et al. 2019).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance, safe_sqrt
from widelimit.networks.layer import Layer, Params, hyper, layer

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
    w_std: float = hyper(1.0)
    b_std: float | None = hyper(None)

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        if len(input_shape) != 1:
            raise ValueError(
                f"Dense got inputs of shape {input_shape}, expected (features,): flatten them first."
            )
        (fan_in,) = input_shape
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
        r"""One affine map of the covariance, written for :math:`\delta = 1 - c`.

        With :math:`m = \sqrt{q_1 q_2}` and :math:`q' = \sigma_w^2 q + \sigma_b^2`,

        .. math:: \sqrt{q_1' q_2'}\,\delta' = \sigma_w^2 m \delta
            + \frac{\sigma_w^2 \sigma_b^2 (\sqrt{q_1} - \sqrt{q_2})^2}
                   {\sqrt{q_1' q_2'} + \sigma_w^2 m + \sigma_b^2},

        a sum of non-negative terms. Without biases δ stays as it is, to the bit: antipodal inputs stay
        antipodal.
        """
        w2 = self.w_std**2
        if self.b_std is None:
            q1, q2, delta = w2 * state.q1, w2 * state.q2, state.delta
        else:
            q1, q2, delta = _with_biases(w2, self.b_std**2, state)
        scale = safe_sqrt(q1)[:, None] * safe_sqrt(q2)[None, :]
        return Covariance(q1, q2, delta, scale * (1 - delta) + w2 * state.ntk, gaussian=True)


def _with_biases(w2: float, b2: float, state: Covariance) -> tuple[jax.Array, jax.Array, jax.Array]:
    """New q1, q2 and δ with weights and biases of variances ``w2`` and ``b2``."""
    q1, q2 = w2 * state.q1 + b2, w2 * state.q2 + b2
    scale = safe_sqrt(q1)[:, None] * safe_sqrt(q2)[None, :]
    spread = (safe_sqrt(state.q1)[:, None] - safe_sqrt(state.q2)[None, :]) ** 2
    bottom = scale + w2 * state.scale + b2
    gap = w2 * state.scale * state.delta + w2 * b2 * spread / jnp.where(bottom > 0, bottom, 1)
    return q1, q2, jnp.where(scale > 0, gap / jnp.where(scale > 0, scale, 1), state.delta)
