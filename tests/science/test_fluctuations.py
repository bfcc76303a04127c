"""How far finite networks are from their limit, against exact laws."""

import jax
import numpy as np
import pytest

from widelimit.claims.c17 import _neuron_variance
from widelimit.networks import mlp
from widelimit.tangents import sample_ntk


@pytest.mark.reference("ntk_fluct/")
def test_mean_and_variance_of_the_shallow_relu_kernel(reference):
    """The kernel of n neurons is an average of n independent shares, at every n."""
    z1, z2 = reference["inputs"]["z1"], reference["inputs"]["z2"]
    mean, variance = reference["value"]
    assert _neuron_variance(z1, z2) == pytest.approx(variance, rel=1e-9)
    n, draws = 16, 8000
    net = mlp("relu", 2, width=n, b_std=1.0)
    kernels = sample_ntk(net, jax.random.key(0), range(draws), np.array([[z1], [z2]]))[:, 0, 1]
    assert abs(kernels.mean() - mean) < 4 * kernels.std() / np.sqrt(draws)
    assert n * kernels.var() == pytest.approx(variance, rel=0.12)
