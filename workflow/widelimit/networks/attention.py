r"""Self-attention over all positions.

Finite, for heads h = 1 … H of d channels each, queries :math:`q^h = x W^h`, keys the same (tied weights), and
values :math:`v^h = x V^h`:

.. math:: A^h(s, r) = \zeta\Big(\frac{\sigma_a}{d}\, q^h(s) \cdot q^h(r)\Big), \qquad
          z(s) = \frac{\sigma_w}{\sqrt{H d}} \sum_h \Big[\sum_r A^h(s, r)\, v^h(r)\Big] O^h + \sigma_b b,

all weights standard normal and scaled by the root of their fan-in. With the scale 1/d (not its root) attention
is no longer random as d grows: :math:`A(s, r) = \zeta(\sigma_a K(s, r))` with the covariance within the sample.
Keys that are independent of queries would leave :math:`\zeta(0)`, no attention at all (Hron et al. 2020). Then

.. math:: K'(s, s') = \sigma_w^2 \sum_{r, r'} A(s, r)\, A(s', r')\, K(r, r') + \sigma_b^2, \qquad
          \Theta' = 2 (K' - \sigma_b^2) + \sigma_b^2 + \sigma_w^2 A \Theta A^\top,

the 2 for values and outputs; what W adds vanishes.
"""

from __future__ import annotations

from math import prod

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.positions import from_moments

__all__ = ["GlobalSelfAttention"]

_MECHANISMS = {
    "softmax": lambda logits: jax.nn.softmax(logits, axis=-1),
    "identity": lambda logits: logits,
    "relu": jax.nn.relu,
    "abs": jnp.abs,
}


@layer
class GlobalSelfAttention(Layer):
    r"""Each position sees all positions of its sample.

    Args:
        features: channels behind the layer.
        heads: number H of heads.
        head_features: channels d of each head, which go to infinity too.
        mechanism: :math:`\zeta`, one of "softmax" (over r), "identity", "relu", "abs".
        w_std: :math:`\sigma_w`, that of values times that of outputs.
        attention: :math:`\sigma_a`, which multiplies what goes into :math:`\zeta`.
        b_std: standard deviation of the biases; None means that there are none.
    """

    features: int
    heads: int = 4
    head_features: int = 64
    mechanism: str = "softmax"
    w_std: float = hyper(default=1.0)
    attention: float = hyper(default=1.0)
    b_std: float | None = hyper(default=None)

    def __post_init__(self) -> None:
        if self.mechanism not in _MECHANISMS:
            raise ValueError(
                f"mechanism is {self.mechanism!r}, expected one of {', '.join(_MECHANISMS)}."
            )

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        keys, channels = jax.random.split(key, 4), input_shape[-1]
        into = (self.heads, channels, self.head_features)
        params = {
            "query": jax.random.normal(keys[0], into),
            "value": jax.random.normal(keys[1], into),
            "out": jax.random.normal(keys[2], (self.heads, self.head_features, self.features)),
        }
        if self.b_std is not None:
            params["b"] = jax.random.normal(keys[3], (self.features,))
        return params

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        flat = x.reshape(len(x), -1, x.shape[-1])
        root = x.shape[-1] ** 0.5
        query, value = (
            jnp.einsum("nsc,hcd->nhsd", flat, params[name]) / root for name in ("query", "value")
        )
        logits = jnp.einsum("nhsd,nhrd->nhsr", query, query) / self.head_features
        seen = jnp.einsum("nhsr,nhrd->nhsd", self._attend(logits), value)
        z = jnp.einsum("nhsd,hdf->nsf", seen, params["out"])
        z = self.w_std / (self.heads * self.head_features) ** 0.5 * z
        z = z if self.b_std is None else z + self.b_std * params["b"]
        return z.reshape(*x.shape[:-1], self.features)

    def pairs_before(self, after: bool) -> bool:
        return True

    def propagate(self, state: Covariance) -> Covariance:
        if state.positions == 0 or state.within is None:
            raise ValueError(
                "GlobalSelfAttention got a field without positions, expected a sequence or an image."
            )
        if state.bound is not None:
            raise ValueError(
                "GlobalSelfAttention behind an activation without a closed form: what the attention makes of the "
                "error of its series is not bounded. Take an activation with a closed form in front."
            )
        first, second = (self._attend(_flat(part.nngp, 1)) for part in state.within)
        w2, b2 = self.w_std**2, 0 if self.b_std is None else self.b_std**2

        def seen(k: jax.Array, a: jax.Array, b: jax.Array, pairs: str) -> jax.Array:
            left, right = pairs[0], pairs[-1]
            found = jnp.einsum(
                f"{left}sr,{pairs}rt,{right}ut->{pairs}su", a, _flat(k, len(pairs)), b,
                precision=jax.lax.Precision.HIGHEST,
            )  # fmt: skip
            return w2 * found.reshape(k.shape)

        own = seen(state.nngp, first, second, "ab")
        ntk = None
        if state.ntk is not None:
            added = 0 if state.frozen else 2 * own + b2
            ntk = added + seen(state.ntk, first, second, "ab")
        within = (
            seen(part.nngp, a, a, "a") + b2
            for part, a in zip(state.within, (first, second), strict=True)
        )
        behind = from_moments(state, own + b2, ntk, *within)
        return behind.replace(gaussian=True, wide=True, shared=False, channels=self.features)

    def _attend(self, logits: jax.Array) -> jax.Array:
        return _MECHANISMS[self.mechanism](self.attention * logits)


def _flat(k: jax.Array, samples: int) -> jax.Array:
    """With one axis for all positions of each side."""
    positions = prod(k.shape[samples : (k.ndim + samples) // 2])
    return k.reshape(*k.shape[:samples], positions, positions)
