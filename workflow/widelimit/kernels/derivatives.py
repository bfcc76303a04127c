"""What optimisers ask of a kernel beside its values: its slopes in the hyper-parameters."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.kernels.function import output_state
from widelimit.networks import Layer
from widelimit.networks.parameters import named_hyper, with_hyper
from widelimit.precision import precision

__all__ = ["log_slopes"]

_ROWS = 64
"""Numbers of inputs are rounded up to this one's multiples, so that few shapes are ever compiled."""

_BATCH = 16
"""Rows at once; it divides `_ROWS` and bounds the working memory."""


def log_slopes(net: Layer, kind: str, x: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    r"""Slopes :math:`\partial K_{ij} / \partial \log p_k` of one kernel, shape (n, n, p), in float64.

    They are exact, by forward-mode differentiation: its cost is that of p kernels.

    Args:
        net: the network.
        kind: "nngp" or "ntk".
        x: inputs, shape (n, ...).
        names: hyper-parameters :math:`p_k`, by their names in `named_hyper`.
    """
    if not names:
        return np.empty((len(x), len(x), 0))
    with precision("float64"):
        found = _log_slopes(net, _padded(x), kind, names)
    return np.array(found[: len(x), : len(x)])


def _padded(x: np.ndarray) -> jax.Array:
    rest = -len(x) % _ROWS
    return jnp.asarray(np.pad(np.asarray(x, float), [(0, rest)] + [(0, 0)] * (x.ndim - 1), "edge"))


@functools.partial(jax.jit, static_argnames=("kind", "names"))
def _log_slopes(net: Layer, x: jax.Array, kind: str, names: tuple[str, ...]) -> jax.Array:
    values = named_hyper(net)

    def kernel(logs: jax.Array, row: jax.Array) -> jax.Array:
        factors = zip(names, jnp.exp(logs), strict=True)
        scaled = with_hyper(net, {name: values[name] * factor for name, factor in factors})
        return getattr(output_state(scaled, row[None], x), kind)[0]

    here = jnp.zeros(len(names))
    return jax.lax.map(lambda row: jax.jacfwd(kernel)(here, row), x, batch_size=_BATCH)
