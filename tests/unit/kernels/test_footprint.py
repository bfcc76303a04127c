import jax
import numpy as np
import pytest

from widelimit.kernels.evaluate import _compiled
from widelimit.kernels.footprint import footprint
from widelimit.networks import Conv, Dense, Flatten, GlobalAvgPool, Relu, Serial, mlp

IMAGE = (8, 8, 3)


def conv(*end):
    return Serial(Conv(4, (3, 3)), Relu(), Conv(4, (3, 3)), Relu(), *end, Dense(1))


@pytest.mark.parametrize(
    ("net", "shape", "t"),
    [(mlp("tanh", 2), (16,), 256), (conv(Flatten()), IMAGE, 30), (conv(GlobalAvgPool()), IMAGE, 8)],
)
def test_it_is_near_what_the_compiler_says(net, shape, t):
    x = jax.eval_shape(net.inputs_of, jax.ShapeDtypeStruct((t, *shape), "float32"))
    compiled = _compiled.lower(net, x, x, ntk=True, diagonal=False).compile()
    said = compiled.memory_analysis().temp_size_in_bytes
    assert said / 3 < footprint(net, shape, "float32", diagonal=False).bytes(t) < 3 * said


def test_pairs_of_positions_make_tiles_tiny_and_vectors_make_them_large():
    def tile(net, shape, diagonal=False):
        return footprint(net, shape, "float32", diagonal=diagonal).tile

    large = (32, 32, 3)
    assert tile(mlp("relu", 3), (16,)) == 512
    assert 10 < tile(conv(Flatten()), large) < 100
    assert 1 <= tile(conv(GlobalAvgPool()), large) < 5
    assert (
        tile(conv(GlobalAvgPool()), IMAGE) < 100 < tile(conv(GlobalAvgPool()), IMAGE, diagonal=True)
    )


def test_few_shapes_are_compiled_and_little_is_padded():
    cheap = footprint(mlp("relu", 3), (16,), "float32", diagonal=False)
    dear = footprint(conv(GlobalAvgPool()), (32, 32, 3), "float32", diagonal=False)
    sizes = np.arange(1, 513)
    for need, few in ((cheap, 30), (dear, 16 * 7)):
        padded = np.array([need.padded(int(n), 512) for n in sizes])
        assert np.all(padded >= sizes)
        assert len(set(padded)) <= few
        assert np.all((padded - sizes)[63:] <= sizes[63:] / 16 + 64)
    assert [dear.padded(n, 512) for n in range(1, 17)] == list(range(1, 17))
    assert cheap.padded(33, 33) == 33  # never beyond the tile


def test_networks_are_traced_once_for_each_architecture():
    first = footprint(mlp("relu", 3, w_std=1.1), (16,), "float32", diagonal=False)
    assert footprint(mlp("relu", 3, w_std=1.7), (16,), "float32", diagonal=False) is first
