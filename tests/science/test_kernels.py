"""Facts about infinite-width kernels that hold whatever the implementation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.kernels import compute
from widelimit.networks import Dense, Monomial, Serial, mlp
from widelimit.networks.mlp import ACTIVATIONS
from widelimit.tangents import sample_ntk
from widelimit.theory.gaussian_quadrature import mlp_kernels

WITH_LIMIT = sorted(set(ACTIVATIONS) - {"tanh"})


@pytest.mark.parametrize("activation", WITH_LIMIT)
@pytest.mark.parametrize(("w_std", "b_std"), [(1.2, 0.5), (1.4, 0.0)])
def test_the_recursion_agrees_with_quadrature_of_its_definition(rng, activation, w_std, b_std):
    x, y = rng.standard_normal((2, 3))
    nngp, ntk = mlp_kernels(activation, 4, x, y, w_std=w_std, b_std=b_std)
    found = compute(mlp(activation, 4, w_std=w_std, b_std=b_std or None), x[None], y[None])
    assert found.nngp[0, 0] == pytest.approx(nngp, rel=1e-9)
    assert found.ntk[0, 0] == pytest.approx(ntk, rel=1e-9)


@pytest.mark.thorough
@pytest.mark.parametrize("activation", WITH_LIMIT)
def test_finite_networks_converge_to_propagate(rng, activation):
    """Mean over draws of the empirical NTK of wide networks, within its error and O(1/n)."""
    x = rng.standard_normal((3, 4)) * 0.7
    net = mlp(activation, 3, width=200, w_std=1.1, b_std=0.3)
    draws = sample_ntk(net, jax.random.key(0), range(50), x)
    limit = compute(net, x).ntk
    error = draws.std(axis=0, ddof=1) / np.sqrt(50)
    assert np.all(np.abs(draws.mean(axis=0) - limit) < 4 * error + 0.02 * np.abs(limit).max())


def test_outputs_of_wide_networks_have_the_nngp_covariance(double, rng):
    net = mlp("erf", 3, width=64, w_std=1.5, b_std=0.2)
    x = jnp.asarray(rng.standard_normal((3, 4)))

    @jax.jit
    @jax.vmap
    def output(key):
        return net.apply(net.init(key, (4,)), x)[:, 0]

    f = np.asarray(output(jax.random.split(jax.random.key(0), 4000)))
    limit = compute(net, np.asarray(x)).nngp
    products = f[:, :, None] * f[:, None, :]
    error = products.std(axis=0) / np.sqrt(len(f))
    assert np.all(np.abs(products.mean(axis=0) - limit) < 4 * error + 0.02 * limit.max())


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "erf", "gelu", "sin"])
@pytest.mark.parametrize("depth", [3, 50])
def test_gram_matrices_of_distinct_inputs_are_positive(rng, activation, depth):
    """To rounding, also for inputs that nearly coincide, and in the ordered phase at depth 50."""
    x = rng.standard_normal((40, 5))
    x = np.concatenate([x, x[:5] + 1e-6, -x[:3], np.zeros((1, 5))])
    for matrix in compute(mlp(activation, depth, w_std=0.9, b_std=0.4), x):
        assert np.isfinite(matrix).all()
        values = np.linalg.eigvalsh(matrix)
        assert values[0] > -1e-14 * values.sum()


def test_kernels_of_fully_connected_networks_do_not_change_under_rotations(rng):
    x = rng.standard_normal((6, 4))
    rotation, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    net = mlp("gelu", 3, w_std=1.3, b_std=0.1)
    np.testing.assert_allclose(compute(net, x).ntk, compute(net, x @ rotation).ntk, rtol=1e-10)


def test_relu_kernels_without_biases_are_homogeneous(rng):
    x = rng.standard_normal((5, 4))
    net = mlp("relu", 4, w_std=1.3)
    np.testing.assert_allclose(compute(net, 7 * x).ntk, 49 * compute(net, x).ntk, rtol=1e-12)


def test_at_criticality_the_relu_ntk_grows_linearly_in_depth():
    """σ_w² = 2: Σ stays |x|²·2/n₀ and Θ_L = L Σ on the diagonal."""
    x = np.ones((1, 4))
    for depth in (1, 2, 10, 100):
        found = compute(mlp("relu", depth, w_std=2**0.5), x)
        assert found.nngp[0, 0] == pytest.approx(2, rel=1e-12)
        assert found.ntk[0, 0] == pytest.approx(2 * depth, rel=1e-11)


def test_a_quadratic_network_has_a_kernel_of_finite_rank():
    """φ = z² in one dimension: the tangent kernel spans 1, x, x² and has rank 3."""
    net = Serial(Dense(1, b_std=1.0), Monomial(2), Dense(1, b_std=1.0))
    values = np.linalg.eigvalsh(compute(net, np.linspace(-1, 1, 8)[:, None]).ntk)
    assert (values > 1e-12 * values[-1]).sum() == 3


def test_the_last_layers_width_does_not_change_the_traced_empirical_kernel(rng):
    """The trace over outputs divided by their number estimates the same limit for any number."""
    x = rng.standard_normal((3, 4))
    means = [
        sample_ntk(mlp("relu", 2, width=200, outputs=o), jax.random.key(o), range(100), x).mean(0)
        for o in (1, 5)
    ]
    np.testing.assert_allclose(means[0], means[1], rtol=0.05, atol=0.02)
