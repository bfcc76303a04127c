"""Finite networks with batch normalisation, on a whole batch, converge to their kernel."""

import jax
import numpy as np

from widelimit.kernels import compute
from widelimit.networks import BatchNormRelu, Dense, Serial
from widelimit.tangents import sample_ntk

WIDTH, DRAWS = 128, 60


def test_two_normalised_layers_converge_to_their_kernel(rng):
    """The mean over draws of the empirical NTK, within four standard errors and the O(1/n) bias."""
    net = Serial(
        *(Dense(WIDTH, 1.3, 0.2), BatchNormRelu(), Dense(WIDTH, 1.2, 0.3), BatchNormRelu()),
        Dense(1, b_std=0.1),
    )
    x = rng.standard_normal((8, 8))
    draws = sample_ntk(net, jax.random.key(0), range(DRAWS), x)
    error = draws.std(axis=0, ddof=1) / np.sqrt(DRAWS)
    limit = compute(net, x).ntk
    assert np.all(np.abs(draws.mean(axis=0) - limit) < 4 * error + 0.02 * np.abs(limit).max())
