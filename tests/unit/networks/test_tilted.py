"""Integrals over the weight e^(-s|x|²), beside closed forms."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks.tilted import Spectrum, nodes, spectrum, tilted


@partial(jax.jit, static_argnums=1)
def inverse_norm(values, count=96):
    """E 1/|x|² for a diagonal covariance, brought to trace 1."""
    trace = jnp.sum(values)
    found = Spectrum(values / trace, jnp.eye(len(values)))
    log_s, weights = nodes(found, count)
    height = log_s - jnp.sum(jnp.log1p(2 * jnp.exp(log_s)[:, None] * found.values), axis=1) / 2
    return jnp.sum(weights * jnp.exp(height)) / trace


@pytest.mark.parametrize("ratio", [0.5, 1e-3, 1e-8, 1e-14])
def test_two_pairs_of_equal_eigenvalues(double, ratio):
    """∫ ds / ((1 + 2as)(1 + 2bs)) = log(a/b) / 2(a - b)."""
    found = inverse_norm(np.array([3.0, 3.0, 3 * ratio, 3 * ratio]))
    np.testing.assert_allclose(found, -np.log(ratio) / (6 * (1 - ratio)), rtol=1e-10)


@pytest.mark.parametrize("n", [3, 4, 30, 1000])
def test_equal_eigenvalues(double, n):
    """1/(n - 2) for n independent standard Gaussians."""
    np.testing.assert_allclose(inverse_norm(np.ones(n)), 1 / (n - 2), rtol=1e-11)


@pytest.mark.parametrize("decay", [0.5, 2.0, 5.0])
def test_more_nodes_change_nothing(double, decay):
    values = np.exp(-decay * np.arange(7))
    np.testing.assert_allclose(inverse_norm(values), inverse_norm(values, 700), rtol=1e-10)


def test_directions_without_variance_have_none(double, rng):
    root = rng.standard_normal((6, 3))
    s = jnp.asarray(root @ root.T)
    found = spectrum(s)
    assert found.rank == 3
    c, log_mass = tilted(s, 0.3, found)
    inverse = np.linalg.inv(np.eye(6) + 2 * np.exp(0.3) * s)
    np.testing.assert_allclose(c, np.eye(6) - inverse, atol=1e-13)
    np.testing.assert_allclose(log_mass, np.linalg.slogdet(inverse)[1] / 2, rtol=1e-13)


def test_derivatives_where_eigenvalues_are_equal(double, rng):
    """Of (1 + 2sS)^-1 at S = 1: -2s dS (1 + 2s)^-2, and of the second order 8s² dS² (1 + 2s)^-3."""
    turn = rng.standard_normal((4, 4))
    turn = jnp.asarray(turn + turn.T)

    def along(x):
        s = jnp.eye(4) + x * turn
        return tilted(s, jnp.log(0.5), spectrum(s))

    def slope(x):
        return jax.jvp(along, (x,), (1.0,))[1]

    first, second = jax.jit(lambda x: jax.jvp(slope, (x,), (1.0,)))(0.0)
    np.testing.assert_allclose(first[0], turn / 4, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(second[0], -turn @ turn / 4, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(first[1], -jnp.trace(turn) / 4, rtol=1e-13)
    np.testing.assert_allclose(second[1], jnp.trace(turn @ turn) / 8, rtol=1e-13)
