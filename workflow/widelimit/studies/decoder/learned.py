"""Decoders learned from samples: kernel regression with the NTK, and trained networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.linalg import cho_factor, cho_solve

from widelimit.dynamics import minimise
from widelimit.kernels import compute
from widelimit.networks import Layer, init_many, mlp
from widelimit.precision import precision

__all__ = [
    "decoder_network",
    "kernel_scores",
    "minibatch_loss",
    "network_scores",
    "signs",
    "weighted_loss",
]


decoder_network = partial(mlp, "relu", 3, w_std=2**0.5, b_std=0.5)
"""The architecture of all learned decoders; call it with ``width`` and ``outputs``."""


def signs(bits: np.ndarray) -> np.ndarray:
    """Bits as ±1: without biases, a syndrome of zeros would be a dead input."""
    return 1.0 - 2.0 * np.asarray(bits, float)


def kernel_scores(
    net: Layer,
    train: np.ndarray,
    targets: np.ndarray,
    test: np.ndarray,
    *,
    ridge: float,
) -> np.ndarray:
    """Scores of NTK regression, the infinitely wide trained network, shape (m, o).

    Repeated training inputs are merged: their mean target with noise divided by their number is the
    same regression, with a kernel matrix over distinct inputs only.

    Args:
        net: the network whose tangent kernel is used.
        train: training inputs, (n, d).
        targets: training targets, (n, o).
        test: test inputs, (m, d).
        ridge: noise variance of one target, relative to the mean of the kernel's diagonal.
    """
    distinct, group, count = np.unique(train, axis=0, return_inverse=True, return_counts=True)
    sums = np.zeros((len(distinct), targets.shape[1]))
    np.add.at(sums, group.ravel(), targets)
    means = sums / count[:, None]
    kernel = compute(net, distinct).ntk
    noise = ridge * np.mean(np.diag(kernel)) / count
    weights = cho_solve(cho_factor(kernel + np.diag(noise), lower=True), means)
    asked, back = np.unique(test, axis=0, return_inverse=True)
    return (compute(net, asked, distinct).ntk @ weights)[back.ravel()]


def network_scores(
    net: Layer,
    loss: Callable[[Any, jax.Array, Any], jax.Array],
    test: np.ndarray,
    keys: jax.Array,
    data: Any = None,
    *,
    steps: int,
    learning_rate: float,
    title: str,
) -> np.ndarray:
    """Scores of finite networks trained by Adam in float32, shape (s, m, o).

    Args:
        net: the network.
        loss: as `weighted_loss` or `minibatch_loss` make it.
        test: test inputs, (m, d).
        keys: one for each network, shape (s,).
        data: what differs between the networks' losses, leading axis s.
        steps, learning_rate: of Adam.
        title: what the progress bar says.
    """
    with precision("float32"):
        x = jnp.asarray(test, jnp.float32)
        params = init_many(net, keys, x.shape[1:])
        end = minimise(
            loss, params, keys, data, steps=steps, learning_rate=learning_rate, title=title
        )
        return np.asarray(jax.jit(jax.vmap(net.apply, (0, None)))(end.params, x), float)


def weighted_loss(net: Layer, inputs: np.ndarray):
    """Squared loss over a few distinct inputs (k, d); the data are weights (k,) and means (k, o)."""
    x = np.asarray(inputs, np.float32)

    def loss(params, _key, data):
        weights, means = data
        return weights @ jnp.sum((net.apply(params, x) - means) ** 2, axis=1)

    return loss


@cache
def minibatch_loss(net: Layer, batch: int):
    """Squared loss over ``batch`` samples drawn with replacement in each step.

    The data are inputs (n, d) and targets (n, o). One loss for equal arguments: it is compiled once.
    """

    def loss(params, key, data):
        x, y = data
        chosen = jax.random.randint(key, (batch,), 0, len(x))
        misfit = net.apply(params, x[chosen]) - y[chosen]
        return jnp.mean(jnp.sum(misfit**2, axis=1))

    return loss
