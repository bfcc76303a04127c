"""Layers beside other ways to say the same, and what they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit import kernels
from widelimit import networks as nets
from widelimit.networks import Conv, Dense, Flatten, GlobalAvgPool, Relu, Serial, Tanh

KEY = jax.random.key(0)


@pytest.fixture
def images(rng):
    return rng.standard_normal((3, 5, 4, 2))


def same_kernels(x, *networks):
    first, second = (kernels.compute(Serial(*layers, Dense(1)), x) for layers in networks)
    np.testing.assert_allclose(first.nngp, second.nngp, rtol=1e-13)
    np.testing.assert_allclose(first.ntk, second.ntk, rtol=1e-13)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    ("shape", "strides"), [((3, 2), (2, 1)), ((2, 2), (3, 2)), ((4, 1), (1, 1))]
)
def test_a_transposed_convolution_is_that_of_jax(double, images, padding, shape, strides):
    layer = nets.ConvTranspose(3, shape, strides=strides, padding=padding)
    params = layer.init(KEY, images.shape[1:])
    expected = jax.lax.conv_transpose(
        jnp.asarray(images),
        params["w"],
        strides,
        padding,
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    found = layer.apply(params, jnp.asarray(images)) * (np.prod(shape) * 2) ** 0.5
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


def test_a_transposed_convolution_of_stride_one_is_a_convolution(images):
    same_kernels(
        images,
        (nets.ConvTranspose(1, (3, 3), b_std=0.1, padding="CIRCULAR"), Relu(), GlobalAvgPool()),
        (Conv(1, (3, 3), b_std=0.1, padding="CIRCULAR"), Relu(), GlobalAvgPool()),
    )


def test_without_pooling_weights_need_not_be_shared(images):
    same_kernels(
        images,
        (
            nets.ConvLocal(1, (3, 3), b_std=0.1),
            Relu(),
            nets.ConvLocal(1, (2, 2)),
            Relu(),
            Flatten(),
        ),
        (Conv(1, (3, 3), b_std=0.1), Relu(), Conv(1, (2, 2)), Relu(), Flatten()),
    )


def test_with_pooling_independent_positions_are_averaged(images):
    """The mean over n independent positions has the mean of their kernels over n."""
    local = Serial(nets.ConvLocal(1, (3, 3), b_std=0.1), GlobalAvgPool(), Dense(1))
    shared = Serial(Conv(1, (3, 3), b_std=0.1), Flatten(), Dense(1))
    found, expected = (kernels.compute(net, images) for net in (local, shared))
    np.testing.assert_allclose(found.nngp, expected.nngp / 20, rtol=1e-13)
    np.testing.assert_allclose(found.ntk, expected.ntk / 20, rtol=1e-13)


def test_pooling_is_an_aggregation(images):
    mean = np.full((1, 5), 0.2)
    pooled = nets.Aggregate(mean), nets.Aggregate(np.full((1, 4), 0.25), axis=1), Flatten()
    same_kernels(
        images, (Conv(1, (2, 2)), Relu(), *pooled), (Conv(1, (2, 2)), Relu(), GlobalAvgPool())
    )


def test_resizing_to_every_second_position_is_a_selection(images):
    part = images[:, :4]
    same_kernels(
        part,
        (Conv(1, (2, 2)), Relu(), nets.ImageResize((2, 2), "nearest", antialias=False), Flatten()),
        (Conv(1, (2, 2)), Relu(), nets.Index(slice(1, None, 2), slice(1, None, 2)), Flatten()),
    )


def test_an_index_selects_positions(double, images):
    found = nets.Index(slice(None, None, 2), 3).apply((), jnp.asarray(images))
    assert np.array_equal(found, images[:, ::2, 3])
    with pytest.raises(ValueError, match="3 places for a field over 2 axes"):
        nets.Index(0, 0, 0).apply((), jnp.asarray(images))


def test_all_frozen_means_no_tangent_kernel(rng):
    x = rng.standard_normal((3, 4))
    frozen = nets.Frozen(Serial(Dense(5, b_std=0.2), Relu(), Dense(1)))
    found = kernels.compute(frozen, x)
    assert np.all(found.ntk == 0)
    np.testing.assert_array_equal(found.nngp, kernels.compute(frozen.inner, x).nngp)


def test_frozen_layers_pass_on_what_comes_from_the_front(rng):
    """Two trained layers of a deep linear network with unit weights: each adds K."""
    x = rng.standard_normal((3, 4))
    found = kernels.compute(
        Serial(Dense(5), nets.Frozen(Dense(5)), nets.Frozen(Dense(5)), Dense(1)), x
    )
    np.testing.assert_allclose(found.ntk, 2 * x @ x.T / 4, rtol=1e-13)


def test_standard_parameterisation_has_the_same_covariance_and_another_tangent_kernel(rng):
    """Θ of one layer of base width N is N K + 1."""
    x = rng.standard_normal((3, 4))
    net = Dense(1, 1.5, 0.3, parameterization="standard")
    found, ntk = kernels.compute(net, x), kernels.compute(Dense(1, 1.5, 0.3), x)
    np.testing.assert_allclose(found.nngp, ntk.nngp, rtol=1e-14)
    np.testing.assert_allclose(found.ntk, x @ x.T + 1, rtol=1e-13)


def test_mup_has_no_kernel(rng):
    net = Serial(Dense(64), Relu(), Dense(1, parameterization="mup"))
    x = rng.standard_normal((3, 4)).astype("float32")
    ntk = Serial(Dense(64), Relu(), Dense(1))
    params = net.init(KEY, (4,))
    np.testing.assert_allclose(net.apply(params, x) * 8, ntk.apply(params, x), rtol=1e-5)
    with pytest.raises(ValueError, match="mup parameterisation has no kernel"):
        kernels.compute(net, x)
    with pytest.raises(ValueError, match="expected one of ntk, standard, mup"):
        Dense(1, parameterization="sp")


def test_dropout_masks_in_training_alone(rng):
    layer, x = nets.Dropout(0.25), jnp.ones((50, 40))
    assert layer.apply((), x) is x
    masked = layer.apply((), x, key=KEY, train=True)
    assert set(np.unique(masked)) == {0, np.float32(1 / 0.75)}
    assert float(masked.mean()) == pytest.approx(1, abs=0.05)
    with pytest.raises(ValueError, match="give apply a key"):
        layer.apply((), x, train=True)
    with pytest.raises(ValueError, match="expected a probability"):
        nets.Dropout(1.0)


def test_kernels_of_two_masked_passes(rng):
    """Second moments of masked units by Monte Carlo."""
    x = rng.standard_normal((2, 3))
    net = Serial(Dense(1), Relu(), nets.Dropout(0.4, masked=True))
    state = net.propagate(nets.Covariance.of_inputs(x, x))
    plain = Serial(Dense(1), Relu()).propagate(nets.Covariance.of_inputs(x, x))
    np.testing.assert_allclose(state.nngp, plain.nngp, rtol=1e-5)
    np.testing.assert_allclose(state.q1, plain.q1 / 0.6, rtol=1e-6)


def test_attention_to_all_alike_is_an_average(rng):
    """With σ_a = 0 all weights are 1/n, and the layer is a mean with two layers of weights behind it."""
    x = rng.standard_normal((3, 6, 2))
    attention = (
        Conv(1, (1,)),
        Relu(),
        nets.GlobalSelfAttention(1, attention=0.0, w_std=1.3),
        Flatten(),
    )
    mean = nets.Aggregate(np.full((6, 6), 1 / 6))
    same_kernels(x, attention, (Conv(1, (1,)), Relu(), mean, Dense(1), Dense(1, 1.3), Flatten()))


def test_attention_says_what_it_needs(rng):
    with pytest.raises(ValueError, match="field without positions"):
        kernels.compute(Serial(nets.GlobalSelfAttention(1), Dense(1)), rng.standard_normal((2, 3)))
    with pytest.raises(ValueError, match="mechanism is 'tanh'"):
        nets.GlobalSelfAttention(1, mechanism="tanh")
    net = Serial(Conv(1, (1,)), Tanh(), nets.GlobalSelfAttention(1), Flatten(), Dense(1))
    with pytest.raises(ValueError, match="is not bounded"):
        kernels.compute(net, rng.standard_normal((2, 3, 2)))


def test_an_aggregation_must_fit(images):
    with pytest.raises(ValueError, match="as many positions as the matrix has columns"):
        kernels.compute(
            Serial(Conv(1, (1, 1)), nets.Aggregate(np.eye(3)), Flatten(), Dense(1)), images
        )
    with pytest.raises(ValueError, match="ImageResize to"):
        nets.ImageResize((2,)).apply((), images)
    with pytest.raises(ValueError, match="without samples and channels"):
        nets.ImageResize((-1, 2, 2, -1))


def test_a_global_average_of_joined_branches_has_the_shares_of_its_channels(rng):
    """A quarter with variance 1 and three quarters with variance 4."""
    x = rng.standard_normal((2, 5, 3))
    branches = nets.Parallel(Conv(10, (1,)), Conv(30, (1,), w_std=2.0))
    joined = Serial(nets.FanOut(2), branches, nets.FanInConcat(), GlobalAvgPool(), Dense(1))
    plain = Serial(Conv(10, (1,)), GlobalAvgPool(), Dense(1))
    found, expected = (kernels.compute(net, x).nngp for net in (joined, plain))
    np.testing.assert_allclose(found, 3.25 * expected, rtol=1e-12)


def test_blocks_that_change_the_shape_may_repeat(rng):
    x = rng.standard_normal((2, 9, 2))
    block = Conv(4, (3,), padding="VALID"), Relu()
    net = Serial(*block, *block, *block, GlobalAvgPool(), Dense(1))
    nested = Serial(
        Serial(*block), Serial(Serial(*block), Serial(*block)), GlobalAvgPool(), Dense(1)
    )
    np.testing.assert_allclose(
        kernels.compute(net, x).ntk, kernels.compute(nested, x).ntk, rtol=1e-13
    )


def test_branches_can_be_frozen(rng):
    x = rng.standard_normal((3, 4))

    def net(mark):
        branches = mark(nets.Parallel(Dense(4), Dense(4)))
        return Serial(Dense(4), Relu(), nets.FanOut(2), branches, nets.FanInSum(), Dense(1))

    plain, frozen = (kernels.compute(net(mark), x) for mark in (lambda layer: layer, nets.Frozen))
    np.testing.assert_allclose(plain.ntk - frozen.ntk, plain.nngp, rtol=1e-12)


def test_layers_without_hyper_parameters_can_be_replaced(images):
    net = Serial(Conv(2, (1, 1)), nets.Index(0), nets.Dropout(0.1), Flatten(), Dense(1))
    assert net.replace_hyper(net.hyper) == net


def test_standard_parameterisation_counts_the_channels_of_a_group(rng):
    x = rng.standard_normal((2, 3, 4))
    conv = Conv(8, (1,), groups=4, parameterization="standard")
    net = Serial(nets.Frozen(Conv(8, (1,))), conv, Flatten(), nets.Frozen(Dense(1)))
    found = kernels.compute(net, x)
    np.testing.assert_allclose(found.ntk, 2 * found.nngp, rtol=1e-12)


def test_what_has_no_exchangeable_channels_is_refused(rng):
    x = rng.standard_normal((2, 3, 4))
    masked = Serial(nets.Dropout(0.5, masked=True), Flatten(), Dense(1))
    with pytest.raises(ValueError, match="on raw inputs or joined branches has no kernel"):
        kernels.compute(masked, x)
    branches = nets.FanOut(2), nets.Parallel(Conv(4, (1,)), Conv(4, (1,))), nets.FanInConcat()
    with pytest.raises(ValueError, match="groups"):
        kernels.compute(Serial(*branches, Conv(4, (1,), groups=2), Flatten(), Dense(1)), x)
    with pytest.raises(ValueError, match="got 2 groups"):
        nets.ConvLocal(4, (1,), groups=2)
    with pytest.raises(ValueError, match="place 7 of an axis of 3"):
        nets.Index(7).apply((), x)
