"""Blocks made of other layers: shortcuts, repetition, and nothing at all."""

from __future__ import annotations

import jax

from widelimit.networks.branches import FanInSum, FanOut, Parallel
from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, layer
from widelimit.networks.serial import Serial

__all__ = ["Identity", "Repeat", "Residual"]


@layer
class Identity(Layer):
    """The field as it is."""

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return x

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return mask

    def propagate(self, state: Covariance) -> Covariance:
        return state


@layer
class Residual(Serial):
    """``Residual(a, b)`` maps x to x + b(a(x)); its last layer has to have weights."""

    def __init__(self, *layers: Layer):
        super().__init__(FanOut(2), Parallel(Identity(), Serial(*layers)), FanInSum())


@layer
class Repeat(Serial):
    """The same architecture ``count`` times over, each time with weights of its own.

    Kernels compile it once, however often it is repeated.
    """

    def __init__(self, block: Layer, count: int):
        super().__init__(*(block,) * count)
