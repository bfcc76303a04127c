import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks import Covariance, Erf


def test_nngp_of_inputs_is_the_scaled_inner_product(double):
    x = jax.random.normal(jax.random.key(0), (5, 7))
    state = Covariance.of_inputs(x, x)
    np.testing.assert_allclose(state.nngp, x @ x.T / 7, rtol=1e-13, atol=1e-14)


def test_identical_antipodal_and_zero_inputs_are_exact(double):
    x = jax.random.normal(jax.random.key(0), (50, 9))
    same = Covariance.of_inputs(x, x).delta
    assert np.all(np.diag(same) == 0)
    assert np.all(np.diag(Covariance.of_inputs(x, -x).delta) == 2)
    zero = Covariance.of_inputs(jnp.zeros((1, 9)), x)
    assert np.all(zero.nngp == 0)


def test_minus_zero_is_zero(double):
    a, b = jnp.array([[0.0, 1.0]]), jnp.array([[-0.0, 1.0]])
    assert Covariance.of_inputs(a, b).delta[0, 0] == 0


def test_inputs_that_differ_in_one_bit_are_not_identical(double):
    x = np.random.default_rng(0).standard_normal((1, 20))
    y = x.copy()
    y[0, 3] = np.nextafter(y[0, 3], np.inf)
    from widelimit.networks.covariance import _identical

    assert not _identical(jnp.asarray(x), jnp.asarray(y))[0, 0]


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="flatten"):
        Covariance.of_inputs(jnp.ones((2, 3, 3)), jnp.ones((2, 3)))
    with pytest.raises(ValueError, match="3 features and x2 has 4"):
        Covariance.of_inputs(jnp.ones((2, 3)), jnp.ones((2, 4)))


def test_an_activation_on_raw_inputs_is_refused():
    state = Covariance.of_inputs(jnp.ones((2, 3)), jnp.ones((2, 3)))
    with pytest.raises(ValueError, match="put a Dense layer in front"):
        Erf().propagate(state)
