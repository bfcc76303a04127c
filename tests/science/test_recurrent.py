"""Finite recurrent networks of growing width converge to `propagate`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.kernels import compute
from widelimit.networks import (
    RNN,
    Conv,
    Dense,
    Erf,
    GlobalAvgPool,
    Index,
    Relu,
    Serial,
    init_many,
)
from widelimit.tangents import sample_ntk

WIDTH, DRAWS = 128, 60

NETWORKS = {
    "last state": (RNN(WIDTH, Relu(), 1.2, 0.9, 0.4), Index(-1)),
    "mean of states of a field, standard": (
        Conv(WIDTH, (2,), b_std=0.3),
        Erf(),
        RNN(WIDTH, Erf(), 1.4, 0.8, 0.3, parameterization="standard", base_width=16),
        GlobalAvgPool(),
    ),
}


@pytest.mark.thorough(but=("last state",))
@pytest.mark.parametrize("name", NETWORKS)
def test_recurrent_networks_converge_to_their_kernels(double, rng, name):
    body, x = Serial(*NETWORKS[name]), rng.standard_normal((3, 4, 2))
    net = Serial(*NETWORKS[name], Dense(1))
    limit, key = compute(net, x), jax.random.key(0)
    check_mean(sample_ntk(net, key, range(DRAWS), x), limit.ntk)
    params = init_many(body, jax.random.split(key, DRAWS), x.shape[1:])
    units = jax.vmap(lambda p: body.apply(p, jnp.asarray(x)))(params)
    check_mean(np.asarray(units @ units.mT / WIDTH), limit.nngp)


def check_mean(draws, limit):
    """The mean over draws of a kernel, within four standard errors and the O(1/n) bias."""
    error = draws.std(axis=0, ddof=1) / np.sqrt(DRAWS)
    assert np.all(np.abs(draws.mean(axis=0) - limit) < 4 * error + 0.02 * np.abs(limit).max())
