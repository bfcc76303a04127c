import jax
import pytest

from widelimit.networks import Dense, Erf, Serial, init_many, mlp


def test_mlp_has_depth_weight_layers():
    net = mlp("erf", 3, width=7, outputs=2, w_std=1.1, b_std=0.2)
    dense = Dense(7, w_std=1.1, b_std=0.2)
    assert net == Serial(dense, Erf(), dense, Erf(), Dense(2, w_std=1.1, b_std=0.2))


def test_depth_one_is_linear():
    assert mlp("relu", 1) == Serial(Dense(1))


def test_unknown_activations_and_depths_are_refused():
    with pytest.raises(ValueError, match="softsign.*expected one of"):
        mlp("softsign", 2)
    with pytest.raises(ValueError, match="depth"):
        mlp("relu", 0)


def test_init_many_draws_what_init_draws():
    net = mlp("relu", 2, width=3)
    keys = jax.random.split(jax.random.key(0), 4)
    many = init_many(net, keys, (2,))
    one = net.init(keys[2], (2,))
    assert jax.tree.all(jax.tree.map(lambda m, o: (m[2] == o).all(), many, one))
