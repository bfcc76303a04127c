import jax
import numpy as np

from widelimit.networks import mlp
from widelimit.tangents import ntk, sample_ntk

NET = mlp("relu", 2, width=8)


def test_a_draw_does_not_depend_on_which_others_are_made(rng):
    x, key = rng.standard_normal((4, 3)), jax.random.key(3)
    together, alone = sample_ntk(NET, key, range(5), x), sample_ntk(NET, key, [3], x)
    np.testing.assert_allclose(together[3], alone[0], rtol=1e-12)


def test_a_draw_is_the_kernel_at_its_parameters(double, rng):
    x, key = rng.standard_normal((4, 3)), jax.random.key(3)
    params = NET.init(jax.random.fold_in(key, 1), (3,))
    expected = ntk(NET, params, jax.numpy.asarray(x))
    np.testing.assert_allclose(sample_ntk(NET, key, [1], x)[0], expected, rtol=1e-12)


def test_large_networks_are_drawn_one_by_one_with_the_same_result(rng, monkeypatch):
    from widelimit.tangents import ensemble

    x, key = rng.standard_normal((4, 3)), jax.random.key(3)
    expected = sample_ntk(NET, key, range(3), x)
    monkeypatch.setattr(ensemble, "_PARAMETERS_AT_ONCE", 1)
    np.testing.assert_allclose(sample_ntk(NET, key, range(3), x), expected, rtol=1e-12)
