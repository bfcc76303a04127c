import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks import Covariance, Dense, Erf, Relu, Serial, mlp
from widelimit.networks.serial import _runs


def test_apply_is_composition(double):
    first, last = Dense(8, w_std=1.3), Dense(2)
    net = Serial(first, Erf(), last)
    params = net.init(jax.random.key(0), (3,))
    x = jax.random.normal(jax.random.key(1), (5, 3))
    by_hand = last.apply(params[2], jax.lax.erf(first.apply(params[0], x)))
    np.testing.assert_allclose(net.apply(params, x), by_hand, rtol=1e-14)


def test_parameters_of_another_network_are_refused():
    params = Serial(Dense(8), Dense(2)).init(jax.random.key(0), (3,))
    with pytest.raises(ValueError, match="another network's init"):
        Serial(Dense(8), Relu(), Dense(2)).apply(params, jnp.ones((1, 3)))


def test_scan_over_repeated_blocks_equals_layer_by_layer(double):
    parts = []
    for k in range(6):
        parts += [Dense(8, w_std=1.0 + 0.1 * k, b_std=0.1), Erf()]
    net = Serial(*parts, Dense(1))
    x = jax.random.normal(jax.random.key(1), (4, 3))
    expected = state = Covariance.of_inputs(x, x)
    for part in net.layers:
        expected = part.propagate(expected)
    found = net.propagate(state)
    np.testing.assert_allclose(found.ntk, expected.ntk, rtol=1e-13)
    np.testing.assert_allclose(found.nngp, expected.nngp, rtol=1e-13)


@pytest.mark.parametrize(
    ("structures", "runs"),
    [
        ("abababc", [(2, 3), (1, 1)]),
        ("aaaa", [(1, 4)]),
        ("abc", [(1, 1)] * 3),
        ("xababab", [(1, 1), (2, 3)]),
        ("", []),
    ],
)
def test_runs_find_repeated_blocks(structures, runs):
    assert _runs(list(structures)) == runs


def test_one_compilation_serves_all_hyper_parameters():
    compiled = jax.jit(lambda net, x: net.propagate(Covariance.of_inputs(x, x)).ntk)
    x = jnp.ones((2, 3))
    for w_std in (1.0, 1.1, 1.2):
        compiled(mlp("relu", 3, w_std=w_std), x)
    assert compiled._cache_size() == 1
