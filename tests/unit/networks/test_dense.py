import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks import Covariance, Dense


def test_apply_is_the_scaled_affine_map(double):
    layer = Dense(3, w_std=1.5, b_std=0.2)
    params = layer.init(jax.random.key(0), (4,))
    x = jax.random.normal(jax.random.key(1), (5, 4))
    expected = 1.5 / 2 * x @ params["w"] + 0.2 * params["b"]
    np.testing.assert_allclose(layer.apply(params, x), expected, rtol=1e-14)


def test_without_b_std_there_are_no_biases():
    assert set(Dense(3).init(jax.random.key(0), (4,))) == {"w"}


def test_propagate_is_the_affine_map_of_the_kernel(double):
    x = jax.random.normal(jax.random.key(0), (6, 3))
    state = Dense(1, w_std=1.2, b_std=0.7).propagate(Covariance.of_inputs(x, x))
    expected = 1.2**2 * x @ x.T / 3 + 0.49
    np.testing.assert_allclose(state.nngp, expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(state.ntk, expected, rtol=1e-13, atol=1e-14)


def test_inputs_of_the_wrong_size_are_refused():
    layer = Dense(3)
    params = layer.init(jax.random.key(0), (4,))
    with pytest.raises(ValueError, match="5 features, but its parameters were made for 4"):
        layer.apply(params, jnp.ones((2, 5)))


def test_fields_over_positions_are_mapped_position_by_position():
    layer = Dense(3, b_std=1.0)
    params = layer.init(jax.random.key(0), (5, 4))
    x = jnp.ones((2, 5, 4)).at[:, 2].set(2.0)
    np.testing.assert_allclose(
        layer.apply(params, x)[:, 2], layer.apply(params, x[:, 2]), rtol=1e-6
    )


def test_without_biases_antipodal_inputs_stay_antipodal(double):
    x = jnp.array([[1.0, 2.0]])
    state = Covariance.of_inputs(x, -x)
    for w_std in (0.7, 1.1, 1.4):
        assert Dense(1, w_std=w_std).propagate(state).delta[0, 0] == 2
