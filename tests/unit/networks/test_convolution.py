from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.kernels import compute
from widelimit.networks import (
    Abs,
    Conv,
    Covariance,
    Dense,
    Erf,
    Flatten,
    GlobalAvgPool,
    Relu,
    Serial,
)


@pytest.fixture
def images(rng):
    return rng.standard_normal((3, 4, 5, 2))


def test_a_window_of_one_cell_is_a_dense_layer(images):
    nets = [
        Serial(first, Relu(), Flatten(), Dense(1, w_std=1.2))
        for first in (Conv(8, (1, 1), w_std=1.5, b_std=0.3), Dense(8, w_std=1.5, b_std=0.3))
    ]
    for a, b in zip(*(compute(net, images) for net in nets), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


def test_without_pooling_pairs_of_positions_do_not_matter(double, images):
    """Flatten, and the average of equal positions taken from the full covariance, agree."""
    hidden = Serial(Conv(1, (3, 3), b_std=0.5), Relu(), Conv(1, (3, 3), strides=2), Erf())

    @partial(jax.jit, static_argnums=1)
    def flattened(x, pairs):
        state = hidden.propagate(Covariance.of_inputs(x, x, pairs=pairs))
        return Flatten().propagate(state)

    flat, full = (flattened(jnp.asarray(images), pairs) for pairs in (False, True))
    np.testing.assert_allclose(flat.nngp, full.nngp, rtol=1e-12)
    np.testing.assert_allclose(flat.ntk, full.ntk, rtol=1e-12)


def test_opposite_images_are_as_one_to_an_even_activation(rng):
    x = rng.standard_normal((20, 5, 4, 3))
    net = Serial(Conv(8, (2, 3), padding="CIRCULAR", w_std=1.5), Abs(), Flatten(), Dense(1, 1.5))
    same, opposite = compute(net, x).ntk, compute(net, x, -x).ntk
    np.testing.assert_allclose(opposite, same, rtol=1e-14)


def test_one_network_serves_sequences_images_and_volumes(rng):
    for positions in ((5,), (3, 4), (3, 2, 3)):
        x = rng.standard_normal((2, *positions, 2))
        window = (2,) * len(positions)
        net = Serial(Conv(1, window, padding="CIRCULAR"), Relu(), GlobalAvgPool(), Dense(1))
        nngp, ntk = compute(net, x)
        # A constant image is a fixed point of circular convolution: no position differs.
        assert np.all(np.isfinite(nngp))
        assert np.all(np.linalg.eigvalsh(ntk) > 0)
        constant = np.broadcast_to(x[:, *(slice(1),) * len(positions), :], x.shape)
        plain = Serial(Dense(1), Relu(), Dense(1))
        single = compute(plain, x.reshape(2, -1, 2)[:, 0])
        np.testing.assert_allclose(compute(net, constant).ntk, single.ntk, rtol=1e-12)


def test_what_does_not_fit_is_refused(images):
    layer = Conv(4, (3, 3))
    with pytest.raises(ValueError, match="expected 2 axes of positions and one of channels"):
        layer.init(jax.random.key(0), (7, 2))
    params = layer.init(jax.random.key(0), (4, 5, 2))
    with pytest.raises(ValueError, match="made for 2 axes of positions and 2 channels"):
        layer.apply(params, jnp.ones((1, 4, 5, 3)))
    with pytest.raises(ValueError, match="both must be multiples of the number of groups"):
        Conv(4, (3, 3), groups=3).init(jax.random.key(0), (4, 5, 3))
    with pytest.raises(ValueError, match="a field over 0 axes of positions"):
        compute(Serial(Flatten(), layer), images)
    with pytest.raises(ValueError, match="groups on raw inputs has no kernel"):
        compute(Conv(4, (3, 3), groups=2), images)
