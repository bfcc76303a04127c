r"""Embeddings of positions: a random field, the same for all samples, that tells positions apart.

.. math:: e(s) = \sigma_e \sum_r L(s, r)\, \epsilon(r), \qquad L L^\top = R, \qquad
          R(s, s') = g\big(\textstyle\sum_a |s_a - s'_a|^p\big),

with the trained :math:`\epsilon` standard normal for each position and channel. The field is independent of the
one in front, so that with c channels there and e channels here (Hron et al. 2020)

.. math:: K' = K + \sigma_e^2 R, \qquad \Theta' = \Theta + \sigma_e^2 R \qquad \text{("sum"),} \qquad
          K' = \frac{c K + e\, \sigma_e^2 R}{c + e}, \qquad
          \Theta' = \frac{c\, \Theta + e\, \sigma_e^2 R}{c + e} \qquad \text{("concat").}

The first needs infinitely many channels in front: with few, as in raw inputs, the product of x and e does not
average out. The second needs a large e.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.branches import FanInConcat, FanInSum
from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.positions import equal_positions, from_moments

__all__ = ["PositionalEmbedding"]

_JOINS: dict[str, FanInSum | FanInConcat] = {"sum": FanInSum(), "concat": FanInConcat()}


@layer
class PositionalEmbedding(Layer):
    r"""The field with a trained random one over its positions added to it or put behind its channels.

    Args:
        kind: "sum" or "concat".
        w_std: :math:`\sigma_e`.
        features: channels e of "concat"; None means as many as in front. They are to be many.
        decay: g, the covariance by distance, a function of arrays; None is 1 at 0 and 0 elsewhere.
        norm: p of the distance, which is summed over the axes of positions and has no root.
    """

    kind: str = "sum"
    w_std: float = hyper(default=1.0)
    features: int | None = None
    decay: Callable[[Any], Any] | None = None
    norm: float = 2.0

    def __post_init__(self) -> None:
        if self.kind not in _JOINS:
            raise ValueError(f"kind is {self.kind!r}, expected one of {', '.join(_JOINS)}.")
        if self.kind == "sum" and self.features is not None:
            raise ValueError(
                f"PositionalEmbedding('sum') got features={self.features}: a sum has the channels of the "
                "field in front; leave features out, or take 'concat'."
            )

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        channels = self.features or input_shape[-1]
        return jax.random.normal(key, (*input_shape[:-1], channels))

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        values, vectors = np.linalg.eigh(self._covariance(x.shape[1:-1]))
        root = (vectors * np.sqrt(np.maximum(values, 0))).astype(x.dtype)
        channels = params.shape[-1]
        field = self.w_std * (root @ params.reshape(-1, channels))
        field = jnp.broadcast_to(field.reshape(params.shape), (*x.shape[:-1], channels))
        return _JOINS[self.kind].apply((), (x, field))

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return mask

    def propagate(self, state: Covariance) -> Covariance:
        if state.positions == 0:
            raise ValueError(
                "PositionalEmbedding got a field without positions, expected a sequence or an image."
            )
        if self.kind == "sum" and not state.wide:
            raise ValueError(
                "PositionalEmbedding('sum') on raw inputs or joined branches has no kernel, which needs "
                "infinitely many channels that are alike: put a Dense or Conv layer in front of it."
            )
        return _JOINS[self.kind].propagate((state, self._field(state)))

    def _field(self, state: Covariance) -> Covariance:
        """The embedding alone, in the form of the state."""
        lengths = tuple(state.delta.shape[axis] for axis in state.axes1)
        r = jnp.asarray(self._covariance(lengths), state.delta.dtype)
        r = self.w_std**2 * r.reshape(1, *lengths, *lengths)
        ntk = None if state.ntk is None else r[None] * (not state.frozen)
        of = state.replace(
            gaussian=True, wide=True, shared=False, channels=self.features or state.channels
        )
        field = from_moments(of, r[None], ntk, r, r)
        if state.within is None or field.within is None:
            return _like(equal_positions(field), state)
        within = (_like(f, s) for f, s in zip(field.within, state.within, strict=True))
        return _like(field, state).replace(within=tuple(within))

    def _covariance(self, lengths: tuple[int, ...]) -> np.ndarray:
        """R, of shape (positions, positions)."""
        places = np.stack(np.meshgrid(*map(np.arange, lengths), indexing="ij"), -1)
        places = places.reshape(-1, len(lengths)).astype(float)
        distance = np.sum(np.abs(places[:, None] - places) ** self.norm, -1)
        if self.decay is None:
            return (distance == 0).astype(float)
        with jax.ensure_compile_time_eval():  # a number also while a network is traced
            r = np.asarray(self.decay(distance), float)
        values = np.linalg.eigvalsh(r)
        # In single precision the function itself is off by some 1e-7.
        if not values[0] >= -1e-5 * values[-1]:
            raise ValueError(
                f"PositionalEmbedding got a decay whose matrix over {lengths} positions has the eigenvalue "
                f"{values[0]:.2g}, expected a covariance, without negative ones: such as exp(-distance)."
            )
        return r


def _like(field: Covariance, state: Covariance) -> Covariance:
    """The field for as many samples as in the state."""
    ntk = None if state.ntk is None else jnp.broadcast_to(field.ntk, state.delta.shape)
    return field.replace(delta=jnp.broadcast_to(field.delta, state.delta.shape), ntk=ntk)
