"""Dropout."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, layer

__all__ = ["Dropout"]


@layer
class Dropout(Layer):
    r"""In training each unit is 0 with probability ``rate`` and 1/(1 - rate) times itself otherwise.

    The kernel is that of the network as it is evaluated, without masks. With ``masked`` it is that of two
    passes with masks of their own: covariances stay, and second moments are :math:`q/(1 - r)`, so that
    :math:`\delta' = \delta + r (1 - \delta)`, also for an input and itself.

    Args:
        rate: probability r of being dropped, in [0, 1).
        masked: whether the kernel is that of passes with masks.
    """

    rate: float
    masked: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.rate < 1:
            raise ValueError(f"rate is {self.rate}, expected a probability in [0, 1).")

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        if not train:
            return x
        if key is None:
            raise ValueError("Dropout with train=True draws a mask: give apply a key.")
        return jnp.where(jax.random.bernoulli(key, 1 - self.rate, x.shape), x / (1 - self.rate), 0)

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return mask

    def propagate(self, state: Covariance) -> Covariance:
        if not self.masked:
            return state
        if state.pairs:
            raise ValueError(
                "Dropout(masked=True) has no kernel in front of layers that compare different positions, "
                "such as pooling: a mask is the same at both ends of a sample's own covariance. Take "
                "masked=False, the kernel of evaluation."
            )
        if not state.wide:
            raise ValueError(
                "Dropout(masked=True) on raw inputs or joined branches has no kernel: with finitely many channels "
                "the covariance depends on the mask. Put a Dense or Conv layer in front."
            )
        keep = 1 - self.rate
        return state.replace(
            q1=state.q1 / keep, q2=state.q2 / keep, gaussian=False, batch=False,
            delta=state.delta + self.rate * (1 - state.delta),
        )  # fmt: skip
