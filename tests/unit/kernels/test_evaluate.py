from functools import partial

import jax
import numpy as np
import pytest

from widelimit.kernels.evaluate import _compiled, evaluate, tile_state
from widelimit.networks import Conv, Dense, Erf, Layer, Relu, Serial, mlp
from widelimit.networks.layer import layer

NET = mlp("relu", 3, w_std=1.4, b_std=0.1)


def test_a_network_compiles_once_for_each_architecture_and_shape(rng):
    x = rng.standard_normal((3, 5)).astype("float32")
    x, other = map(NET.inputs_of, (x, x + 1))
    evaluate(NET, x, x, ntk=True, tolerance=1)
    before = _compiled._cache_size()
    evaluate(mlp("relu", 3, w_std=1.7, b_std=0.3), other, x, ntk=True, tolerance=1)
    assert _compiled._cache_size() == before


def test_the_ntk_is_not_computed_unless_asked_for(rng):
    """The state has none on its way: a layer that would use it is not reached."""

    @layer
    class Witness(Layer):
        def propagate(self, state):
            seen.append(state.ntk is None)
            return state

    net, x = Serial(Dense(3), Erf(), Witness(), Dense(1)), rng.standard_normal((2, 4))
    for ntk in (False, True):
        seen = []
        found = jax.eval_shape(
            partial(tile_state, net, ntk=ntk, diagonal=False), *[net.inputs_of(x)] * 2
        )
        assert seen == [not ntk]
        assert (found[1] is None) == (not ntk)


def test_a_diagonal_takes_linear_memory(rng):
    x = jax.eval_shape(NET.inputs_of, jax.ShapeDtypeStruct((1000, 4), "float32"))
    compiled = _compiled.lower(NET, x, x, ntk=True, diagonal=True).compile()
    assert compiled.memory_analysis().temp_size_in_bytes < 1000 * 1000


def test_a_field_that_keeps_its_positions_is_refused():
    net = Serial(Conv(3, (3,)), Relu(), Conv(1, (3,)))
    with pytest.raises(ValueError, match="1 axes of positions.*add Flatten"):
        evaluate(net, *[net.inputs_of(np.ones((2, 5, 1)))] * 2, ntk=True, tolerance=1)
