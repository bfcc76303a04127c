"""Each activation's dual against plain quadrature of its definition."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks import Covariance, LeakyRelu, Monomial, Relu, Tanh
from widelimit.networks.mlp import ACTIVATIONS
from widelimit.theory.gaussian_quadrature import SCALAR_FUNCTIONS, expectation

WITH_DUAL = sorted(set(ACTIVATIONS) - {"tanh"})
CORRELATIONS = (-1.0, -0.9, -0.3, 0.0, 0.4, 0.99, 1.0)


@pytest.mark.parametrize("name", WITH_DUAL)
def test_dual_is_the_gaussian_expectation(double, name):
    phi, slope = SCALAR_FUNCTIONS[name]
    q1, q2 = jnp.array([0.7]), jnp.array([1.9])
    delta = 1 - jnp.array([CORRELATIONS])
    dual = ACTIVATIONS[name].dual(q1, q2.repeat(len(CORRELATIONS)), delta)
    second = np.sqrt(dual.q1[:, None] * dual.q2) * (1 - dual.delta)
    for j, c in enumerate(CORRELATIONS):
        moments = (0.7, 1.9, c * np.sqrt(0.7 * 1.9))
        expected = expectation(phi, phi, *moments), expectation(slope, slope, *moments)
        np.testing.assert_allclose(second[0, j], expected[0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(dual.dot[0, j], expected[1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_finite_activation_and_its_derivative(double, name):
    phi, slope = SCALAR_FUNCTIONS[name]
    z = np.linspace(-3, 3, 13) + 0.01
    act = ACTIVATIONS[name]
    np.testing.assert_allclose(act(jnp.asarray(z)), phi(z), rtol=1e-12, atol=1e-14)
    found = jax.vmap(jax.grad(act))(jnp.asarray(z))
    np.testing.assert_allclose(found, slope(z), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", WITH_DUAL)
def test_small_differences_between_inputs_keep_their_digits(double, name):
    """F(1) - F(c) ≈ F'(1) δ: one minus the correlation keeps its size where c has no digit left."""
    q, slope = jnp.ones(1), ACTIVATIONS[name].dual(jnp.ones(1), jnp.ones(1), jnp.zeros((1, 1)))
    expected = float(slope.dot[0, 0] / slope.q1[0])
    for d in (1e-6, 1e-10, 1e-14):
        found = float(ACTIVATIONS[name].dual(q, q, jnp.array([[d]])).delta[0, 0])
        np.testing.assert_allclose(found, expected * d, rtol=2e-3, atol=3e-16)


@pytest.mark.parametrize("name", WITH_DUAL)
def test_derivatives_are_finite_at_identical_antipodal_and_zero_inputs(double, name):
    x = jnp.array([[1.0, 2.0], [-1.0, -2.0], [0.0, 0.0], [1.0, 2.0]])

    def total(w):
        state = Covariance.of_inputs(w * x, w * x)
        from widelimit.networks import Dense

        return jnp.sum(ACTIVATIONS[name].propagate(Dense(1).propagate(state)).nngp)

    assert np.isfinite(jax.grad(total)(1.3))


def test_leaky_relu_of_slope_zero_is_relu(double):
    q, delta = jnp.array([1.0, 2.0]), jnp.array([[0.0, 0.5], [0.5, 0.0]])
    for a, b in zip(LeakyRelu(0.0).dual(q, q, delta), Relu().dual(q, q, delta), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_absolute_value_is_even(double):
    q = jnp.ones(1)
    same, opposite = (LeakyRelu(-1.0).dual(q, q, jnp.array([[d]])) for d in (0.0, 2.0))
    np.testing.assert_allclose(same.delta, opposite.delta, atol=1e-15)
    np.testing.assert_allclose(same.dot, -opposite.dot, rtol=1e-14)


def test_tanh_says_what_to_use_instead():
    with pytest.raises(ValueError, match="Erf is the smooth odd sigmoid"):
        Tanh().dual(jnp.ones(1), jnp.ones(1), jnp.zeros((1, 1)))


def test_monomials_start_at_degree_one():
    with pytest.raises(ValueError, match="degree 0"):
        Monomial(0)
