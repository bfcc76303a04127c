"""What optimisers ask of a kernel beside its values: its diagonal, and its slopes in the hyper-parameters."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.kernels.function import Kernels, output_state
from widelimit.networks import Layer
from widelimit.networks.parameters import named_hyper, with_hyper
from widelimit.precision import precision

__all__ = ["diagonal", "log_slopes"]

_ROWS = 64
"""Numbers of inputs are rounded up to this one's multiples, so that few shapes are ever compiled."""

_BATCH = 16
"""Rows at once; it divides `_ROWS` and bounds the working memory."""


def diagonal(net: Layer, x: np.ndarray) -> Kernels[np.ndarray]:
    """NNGP and NTK of each input with itself, each of shape (n,), in time linear in n and in float64.

    Args:
        net: the network.
        x: inputs, shape (n, ...).
    """
    with precision("float64"):
        found = _diagonal(net, _padded(x))
    return Kernels(*(np.array(y[: len(x)]) for y in found))


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


@jax.jit
def _diagonal(net: Layer, x: jax.Array) -> Kernels[jax.Array]:
    def alone(row: jax.Array) -> Kernels[jax.Array]:
        state = output_state(net, row[None], row[None])
        return Kernels(state.nngp[0, 0], state.ntk[0, 0])

    return jax.lax.map(alone, x, batch_size=_ROWS)


@functools.partial(jax.jit, static_argnames=("kind", "names"))
def _log_slopes(net: Layer, x: jax.Array, kind: str, names: tuple[str, ...]) -> jax.Array:
    values = named_hyper(net)

    def kernel(logs: jax.Array, row: jax.Array) -> jax.Array:
        factors = zip(names, jnp.exp(logs), strict=True)
        scaled = with_hyper(net, {name: values[name] * factor for name, factor in factors})
        return getattr(output_state(scaled, row[None], x), kind)[0]

    here = jnp.zeros(len(names))
    return jax.lax.map(lambda row: jax.jacfwd(kernel)(here, row), x, batch_size=_BATCH)
