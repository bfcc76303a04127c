r"""Two who learn from the same images: a network that is trained, and the tangent kernel of its limit.

Both regress on :math:`1 - 1/k` for the own class and :math:`-1/k` for the k - 1 others. The network starts from random
weights and descends on the mean square by Adam; the kernel interpolates, :math:`k(x, X) (K + \lambda \bar k)^{-1} Y`
with the mean :math:`\bar k` of the diagonal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from widelimit.dynamics.minimise import minimise
from widelimit.kernels import compute
from widelimit.keys import jax_key
from widelimit.networks import Layer
from widelimit.regression import coded, factorise
from widelimit.store import array
from widelimit.studies.images.subsets import Subset, found

__all__ = ["by_kernel", "by_networks"]

_BATCH = 256
"""Test images that are looked at together."""


def by_kernel(net: Layer, sets: Sequence[Subset], *, ridge: float, precision: str) -> xr.Dataset:
    r"""What the tangent kernel of the limit of a network finds, for each training set.

    Args:
        net: the network.
        sets: training sets.
        ridge: :math:`\lambda`.
        precision: of the kernels.
    """

    def kernel(x: np.ndarray, other: np.ndarray | None = None) -> np.ndarray:
        return compute(net, x, other, get="ntk", dtype=precision, progress=False)

    right = []
    for one in sets:
        train = kernel(one.x).astype(float)
        factor = factorise(train, ridge=ridge * float(np.mean(np.diagonal(train))), warn=False)
        weights = factor.solve(coded(one.classes, one.outputs)).weights
        right.append(np.argmax(kernel(one.test, one.x) @ weights, axis=1) == one.tested)
    return found(np.stack(right))


def by_networks(
    net: Layer, sets: Sequence[Subset], *, seed: int, steps: int, learning_rate: float
) -> xr.Dataset:
    """What trained networks find, one for each training set, with the mean squares that they end at.

    Args:
        net: the network.
        sets: training sets.
        seed: the study's seed.
        steps, learning_rate: as in `minimise`.
    """

    def loss(params: Any, _key: jax.Array, data: tuple[jax.Array, jax.Array]) -> jax.Array:
        x, y = data
        return jnp.mean((net.apply(params, x) - y) ** 2)

    right, ends = [], []
    # One after the other: convolutions of several networks at once are slow on processors.
    for draw, one in enumerate(sets):
        init, key = jax.random.split(jax_key(seed, "image networks", draw))
        y = coded(one.classes, one.outputs)
        start, data = jax.tree.map(
            lambda leaf: jnp.asarray(leaf, jnp.float32)[None],
            (net.init(init, one.x.shape[1:]), (one.x, y)),
        )
        descent = minimise(
            loss, start, key[None], data, steps=steps, learning_rate=learning_rate, loops=False,
            title=f"network {draw + 1}",
        )  # fmt: skip
        params = jax.tree.map(lambda leaf: leaf[0], descent.params)
        right.append(np.argmax(_outputs(net, params, one.test), axis=1) == one.tested)
        ends.append(float(descent.loss[-1, 0]))
    mean_square = array(ends, "draw", "mean square over the training set at the end")
    return found(np.stack(right), mean_square=mean_square)


def _outputs(net: Layer, params: Any, x: np.ndarray) -> np.ndarray:
    apply = jax.jit(net.apply)
    parts = (x[i : i + _BATCH].astype(np.float32) for i in range(0, len(x), _BATCH))
    return np.concatenate([apply(params, part) for part in parts])
