"""The plain way to do the same: as one writes it down, with whole matrices and full Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from cases import ACTIVATIONS, DTYPES, SCALES, data, name_of

from widelimit.networks import mlp

Case = Callable[[], object]


def gram(n: int, dtype: str) -> Case:
    """The inner products of all inputs alone: what any kernel has to compute before anything else."""
    x = data(n, dtype)
    return lambda: x @ x.T


def relu(n: int, dtype: str) -> Case:
    """NNGP and NTK of five hidden ReLU layers by arc cosines in NumPy."""
    x = data(n, dtype)
    w2, b2 = SCALES["w_std"] ** 2, SCALES["b_std"] ** 2

    def run() -> np.ndarray:
        k = w2 * x @ x.T / x.shape[1] + b2
        theta = k
        for _ in range(5):
            root = np.sqrt(np.outer(np.diag(k), np.diag(k)))
            c = np.clip(k / root, -1, 1)
            angle = np.arccos(c)
            dot = (np.pi - angle) / (2 * np.pi)
            k = w2 * root * (np.sin(angle) + (np.pi - angle) * c) / (2 * np.pi) + b2
            theta = k + w2 * dot * theta
        return theta

    return run


def tangent_network(width: int) -> tuple[Any, Any, jax.Array]:
    """A network of three layers, its parameters, and 32 inputs."""
    net = mlp("relu", 3, width=width, outputs=10)
    params = net.init(jax.random.key(0), (64,))
    return net, params, jax.random.normal(jax.random.key(1), (32, 64))


def tangent(width: int) -> Case:
    """The empirical NTK from full Jacobians."""
    net, params, x = tangent_network(width)

    @jax.jit
    def compiled(params, x):
        jacobian = jax.jacrev(net.apply)(params, x)
        rows = [leaf.reshape(320, -1) for leaf in jax.tree.leaves(jacobian)]
        full = sum(row @ row.T for row in rows).reshape(32, 10, 32, 10)
        return jnp.einsum("sojo->sj", full) / 10

    return lambda: jax.block_until_ready(compiled(params, x))


CASES = {name_of("relu", t): partial(relu, ACTIVATIONS["relu"], t) for t in DTYPES}
CASES |= {
    f"gram, {name_of(a, t)}": partial(gram, n, t) for a, n in ACTIVATIONS.items() for t in DTYPES
}
CASES |= {f"tangent, width {w}": partial(tangent, w) for w in (256, 1024, 2048)}
