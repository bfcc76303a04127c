r"""Locally connected layers: convolutions whose weights are not shared between positions.

.. math:: z(s) = \frac{\sigma_w}{\sqrt{|F| n}} \sum_{d \in F} W_{s, d}\, x(s + d) + \sigma_b b_s .

Weights of different positions are independent, so that infinitely wide

.. math:: K'(s, s) = \frac{\sigma_w^2}{|F|} \sum_{d \in F} K(s + d, s + d) + \sigma_b^2, \qquad
          K'(s, s') = 0 \text{ for } s \ne s',

and the same for :math:`\Theta'`: without pooling the kernels are those of a convolution (Novak et al. 2019).
"""

from __future__ import annotations

from math import prod

import jax
import jax.numpy as jnp

from widelimit.networks.convolution import Conv
from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Params, layer
from widelimit.networks.positions import all_positions, equal_positions

__all__ = ["ConvLocal"]


@layer
class ConvLocal(Conv):
    """A convolution with weights and biases of its own at each position; the arguments are those of `Conv`.

    Groups of channels are not there.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.groups > 1:
            raise ValueError(f"ConvLocal got {self.groups} groups, expected 1: it has none.")

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        *positions, channels = input_shape
        self.check_inputs(input_shape)
        axes, cells = tuple(range(len(positions))), prod(self.filter_shape)
        padded = self.windows.padded(jnp.zeros(positions), axes)
        out = self.windows.through(padded, (0,) * len(axes), axes).shape
        w_key, b_key = jax.random.split(key)
        w = jax.random.normal(w_key, (cells, *out, channels, self.features))
        b = None if self.b_std is None else jax.random.normal(b_key, (*out, self.features))
        return self.drawn(w, b, channels, cells)

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        w, axes = params["w"], tuple(range(1, x.ndim - 1))
        padded = self.windows.padded(x, axes)
        cells = [self.windows.through(padded, cell, axes) for cell in self.windows.cells()]
        z = jnp.einsum("kn...c,k...cf->n...f", jnp.stack(cells), w)
        return self.scaled(z, params, w.shape[-2], len(w))

    def propagate(self, state: Covariance) -> Covariance:
        behind = super().propagate(equal_positions(state))
        return all_positions(behind) if state.pairs else behind
