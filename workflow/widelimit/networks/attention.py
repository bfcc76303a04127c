r"""Self-attention over all positions.

Finite, for heads h = 1 … H of d channels each, queries :math:`q^h = x Q^h`, keys :math:`k^h = x K^h` and values
:math:`v^h = x V^h`, where queries and keys may see positional embeddings that values do not:

.. math:: A^h(s, r) = \zeta\big(\sigma_a\, c_d\; q^h(s) \cdot k^h(r)\big), \qquad
          z(s) = \frac{\sigma_w}{\sqrt{H d}} \sum_h \Big[\sum_r A^h(s, r)\, v^h(r)\Big] O^h + \sigma_b b,

all weights standard normal and scaled by the root of their fan-in. The scale :math:`c_d` is one of

1/d, with tied weights, K = Q. Attention is no longer random as d grows. Keys that are independent of queries
    would leave :math:`\zeta(0)`, no attention at all.
1/√d, with independent Q and K, as in transformers. Attention stays random, and the limit is that of
    infinitely many heads too; in closed form for elementwise :math:`\zeta`.

Behind the heads, whose kernels are those of `attended`, there is one more layer of weights (Hron et al. 2020).
"""

from __future__ import annotations

import itertools
from math import prod
from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.activations import Abs, Activation, Relu
from widelimit.networks.attended import by_fixed_weights, by_random_weights
from widelimit.networks.covariance import Covariance
from widelimit.networks.dense import Dense
from widelimit.networks.embedding import PositionalEmbedding
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.masked import propagated
from widelimit.networks.masks import emptied
from widelimit.networks.serial import output_shape

__all__ = ["GlobalSelfAttention"]

_ELEMENTWISE: dict[str, Activation | None] = {"identity": None, "relu": Relu(), "abs": Abs()}
_MECHANISMS = ("softmax", *_ELEMENTWISE)
_POWERS = {"1/d": 1.0, "1/sqrt(d)": 0.5}


@layer
class GlobalSelfAttention(Layer):
    r"""Each position sees all positions of its sample.

    Args:
        features: channels behind the layer.
        heads: number H of heads; with "1/sqrt(d)" it goes to infinity.
        head_features: channels d of each head, which go to infinity.
        mechanism: :math:`\zeta`, one of "softmax" (over r), "identity", "relu", "abs".
        w_std: :math:`\sigma_w`, that of values times that of outputs.
        attention: :math:`\sigma_a`, which multiplies what goes into :math:`\zeta`: the standard deviation of
            queries times that of keys.
        b_std: standard deviation of the biases; None means that there are none.
        scale: :math:`c_d`, "1/d" (tied queries and keys) or "1/sqrt(d)" (independent ones).
        embedding: positional embedding that queries and keys see and values do not. One for all three
            stands in front of the layer.
    """

    features: int
    heads: int = 4
    head_features: int = 64
    mechanism: str = "softmax"
    w_std: float = hyper(default=1.0)
    attention: float = hyper(default=1.0)
    b_std: float | None = hyper(default=None)
    scale: str = "1/d"
    embedding: PositionalEmbedding | None = hyper(default=None)

    def __post_init__(self) -> None:
        for name, choices in (("mechanism", _MECHANISMS), ("scale", _POWERS)):
            if getattr(self, name) not in choices:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}, expected one of {', '.join(choices)}."
                )

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        embed_key, key = jax.random.split(key)
        channels = seen = input_shape[-1]
        params = {}
        if self.embedding is not None:
            params["embedding"] = self.embedding.init(embed_key, input_shape)
            seen = output_shape(self.embedding, params["embedding"], input_shape)[-1]
        shapes: dict[str, tuple[int, ...]] = {
            "query": (self.heads, seen, self.head_features),
            "value": (self.heads, channels, self.head_features),
            "out": (self.heads, self.head_features, self.features),
        }
        if self.scale != "1/d":
            shapes["key"] = shapes["query"]
        if self.b_std is not None:
            shapes["b"] = (self.features,)
        # One draw for all: generators are what takes long to compile.
        ends = list(itertools.accumulate(map(prod, shapes.values())))
        parts = jnp.split(jax.random.normal(key, (ends[-1],)), ends[:-1])
        drawn = zip(shapes.items(), parts, strict=True)
        return params | {name: part.reshape(shape) for (name, shape), part in drawn}

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return self._attended(params, x)

    def apply_masked(
        self,
        params: Params,
        x: Any,
        mask: Any,
        *,
        key: jax.Array | None = None,
        train: bool = False,
    ) -> Any:
        return emptied(self._attended(params, x, mask), mask)

    def _attended(self, params: Params, x: jax.Array, mask: jax.Array | None = None) -> jax.Array:
        seen = self._embedded(params, x, mask)
        query, value = _projected(seen, params["query"]), _projected(x, params["value"])
        keys = query if self.scale == "1/d" else _projected(seen, params["key"])
        logits = jnp.einsum("nhsd,nhrd->nhsr", query, keys)
        weights = self._attend(logits / self.head_features ** _POWERS[self.scale], mask)
        z = jnp.einsum("nhsr,nhrd->nhsd", weights, value)
        z = jnp.einsum("nhsd,hdf->nsf", z, params["out"])
        z = self.w_std / (self.heads * self.head_features) ** 0.5 * z
        z = z if self.b_std is None else z + self.b_std * params["b"]
        return z.reshape(*x.shape[:-1], self.features)

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return mask

    def pairs_before(self, after: bool) -> bool:
        return True

    def propagate(self, state: Covariance) -> Covariance:
        if state.positions == 0:
            raise ValueError(
                "GlobalSelfAttention got a field without positions, expected a sequence or an image."
            )
        if state.bound is not None:
            raise ValueError(
                "GlobalSelfAttention behind an activation without a closed form: what the attention makes of the "
                "error of its series is not bounded. Take an activation with a closed form in front."
            )
        seen = state if self.embedding is None else propagated(self.embedding, state)
        values = Dense(self.head_features).propagate(state)
        heads = self._heads(seen, values)
        return Dense(self.features, self.w_std, self.b_std).propagate(heads)

    def _heads(self, seen: Covariance, values: Covariance) -> Covariance:
        if self.scale == "1/d":
            return by_fixed_weights(seen, values, self._attend)
        if self.mechanism == "softmax":
            raise ValueError(
                "GlobalSelfAttention with scale='1/sqrt(d)' and softmax has no kernel in closed form: take "
                "mechanism='identity', 'relu' or 'abs', or scale='1/d'."
            )
        # σ_a counts once, with the queries.
        queries = Dense(self.head_features, self.attention).propagate(seen)
        keys = Dense(self.head_features).propagate(seen)
        return by_random_weights(queries, keys, values, _ELEMENTWISE[self.mechanism])

    def _attend(self, logits: jax.Array, mask: jax.Array | None = None) -> jax.Array:
        logits, activation = self.attention * logits, _ELEMENTWISE.get(self.mechanism)
        if self.mechanism != "softmax":
            # Where positions are absent, it is enough that their values are zero.
            return logits if activation is None else activation(logits)
        if mask is not None:
            # Not -inf, which would be NaN where nothing is present.
            unseen = mask.reshape(len(mask), *[1] * (logits.ndim - 2), -1)
            logits = jnp.where(unseen, jnp.finfo(logits.dtype).min, logits)
        return jax.nn.softmax(logits, axis=-1)

    def _embedded(self, params: Params, x: jax.Array, mask: jax.Array | None) -> jax.Array:
        if self.embedding is None:
            return x
        if mask is None:
            return self.embedding.apply(params["embedding"], x)
        return self.embedding.apply_masked(params["embedding"], x, mask)


def _projected(x: jax.Array, w: jax.Array) -> jax.Array:
    """Queries, keys or values of all heads, of shape (n, heads, positions, channels of a head)."""
    flat = x.reshape(len(x), -1, x.shape[-1])
    return jnp.einsum("nsc,hcd->nhsd", flat, w) / x.shape[-1] ** 0.5
