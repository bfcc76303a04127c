import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.kernels import compute
from widelimit.networks import (
    Conv,
    Dense,
    Erf,
    FanInConcat,
    FanInPositions,
    FanInProd,
    FanInSum,
    FanOut,
    Flatten,
    GlobalAvgPool,
    Identity,
    LayerNorm,
    Parallel,
    Relu,
    Repeat,
    Residual,
    Serial,
)


@pytest.fixture
def x(rng):
    return rng.standard_normal((4, 3))


def test_a_sum_of_equal_branches_is_one_of_more_weights(x):
    """Two independent layers of variance w² are one of variance 2w², with the same kernels."""
    two = Serial(FanOut(2), Parallel(Dense(8), Dense(8)), FanInSum(), Relu(), Dense(1))
    one = Serial(Dense(8, w_std=2**0.5), Relu(), Dense(1))
    for a, b in zip(compute(two, x), compute(one, x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_a_concatenation_of_equal_branches_is_one_of_them(x):
    branch = Serial(Dense(8), Relu())
    two = Serial(FanOut(2), Parallel(branch, branch), FanInConcat(), Dense(1))
    for a, b in zip(compute(two, x), compute(Serial(branch, Dense(1)), x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_the_kernel_of_a_product_is_the_product_of_kernels(x):
    branches = Dense(8, b_std=0.3), Serial(Dense(8), Erf())
    (ka, ta), (kb, tb) = (compute(branch, x) for branch in branches)
    nngp, ntk = compute(Serial(FanOut(2), Parallel(*branches), FanInProd()), x)
    np.testing.assert_allclose(nngp, ka * kb, rtol=1e-12)
    np.testing.assert_allclose(ntk, ta * kb + ka * tb, rtol=1e-12)


def test_repetition_is_a_chain(x):
    block = Serial(Relu(), Dense(8, b_std=0.2))
    chain = Serial(Dense(8), *(block,) * 4)
    for a, b in zip(compute(Serial(Dense(8), Repeat(block, 4)), x), compute(chain, x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


def test_deep_residual_networks_are_compiled_once(x):
    block = Residual(Relu(), Dense(8, b_std=0.2))
    sizes = []
    for depth in (4, 40):
        net = Serial(Dense(8), Repeat(block, depth), Dense(1))
        text = jax.jit(lambda x, net=net: compute_ntk(net, x)).lower(x).as_text()
        sizes.append(len(text))
    assert sizes[1] < 1.5 * sizes[0]


def compute_ntk(net, x):
    from widelimit.kernels import function

    return function(net)(net.hyper, x).ntk


def test_hyper_goes_out_and_back_through_blocks():
    net = Serial(Residual(Relu(), Dense(3, w_std=1.5)), Repeat(Dense(3), 2), Parallel(Identity()))
    assert net.replace_hyper(net.hyper) == net
    assert isinstance(net.replace_hyper(net.hyper).layers[0], Residual)


def test_finite_branches(x):
    net = Serial(
        FanOut(3), Parallel(Dense(2), Serial(Dense(2), Relu()), Identity()), FanInConcat(), Dense(1)
    )
    params = net.init(jax.random.key(0), (3,))
    w = params[1]
    parts = x @ w[0]["w"] / 3**0.5, jax.nn.relu(x @ w[1][0]["w"] / 3**0.5), x
    expected = jnp.concatenate(parts, axis=1) @ params[3]["w"] / 7**0.5
    np.testing.assert_allclose(net.apply(params, x), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("join", "branches", "message"),
    [
        (FanInSum(), (Identity(), Identity()), "2 branches that do not end in weights"),
        (FanInSum(), (Relu(), Erf()), "2 branches that do not end in weights"),
        (FanInSum(), (Serial(Dense(3), Relu()), Relu()), "2 branches that do not end in weights"),
        (FanInProd(), (Identity(), Relu()), "2 branches without weights of their own"),
        (FanInSum(), (Dense(3),), "Parallel of 1 layers got 2"),
    ],
)
def test_correlated_branches_are_refused(x, join, branches, message):
    with pytest.raises(ValueError, match=message):
        compute(Serial(Dense(3), FanOut(2), Parallel(*branches), join), x)


def test_branches_of_other_shapes_are_refused(rng):
    branches = Conv(3, (2, 2)), Conv(3, (2, 2), strides=2)
    net = Serial(FanOut(2), Parallel(*branches), FanInSum(), GlobalAvgPool())
    with pytest.raises(ValueError, match="do they differ in strides"):
        compute(net, rng.standard_normal((2, 4, 4, 1)))


@pytest.mark.parametrize(
    ("branches", "axis", "message"),
    [
        ((Identity(), Identity()), 0, "2 branches that do not end in weights"),
        ((Conv(3, (2, 2)), Conv(4, (2, 2))), 0, r"branches of \[3, 4\] channels"),
        ((Conv(3, (2, 2)), Conv(3, (2, 2), strides=(1, 2))), 0, "do they differ in strides"),
        ((Conv(3, (2, 2)), Conv(3, (2, 2))), 2, "axis 2 got fields over 2 axes"),
    ],
)
def test_positions_that_cannot_be_joined_are_refused(rng, branches, axis, message):
    net = Serial(FanOut(2), Parallel(*branches), FanInPositions(axis), GlobalAvgPool())
    with pytest.raises(ValueError, match=message):
        compute(net, rng.standard_normal((2, 4, 4, 3)))


def test_joined_positions_are_pooled_like_a_sum(rng):
    """Averages of independent fields add up."""
    x = rng.standard_normal((3, 3, 4, 2))
    branches = FanOut(2), Parallel(Conv(3, (1, 2), b_std=0.2), Conv(3, (1, 1), w_std=1.3))
    joined = Serial(*branches, FanInPositions(-1), GlobalAvgPool(), Dense(1))
    added = Serial(*branches, FanInSum(), GlobalAvgPool(), Dense(1, 0.5))
    for a, b in zip(compute(joined, x), compute(added, x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_positions_are_joined_as_flatten_counts_them(rng):
    """Behind Flatten only equal positions count: of two branches alike, twice the positions are no more."""
    x = rng.standard_normal((3, 4, 2))
    branches = FanOut(2), Parallel(Conv(3, (2,)), Conv(3, (2,)))
    joined = Serial(*branches, FanInPositions(), Flatten(), Dense(1))
    for a, b in zip(
        compute(joined, x), compute(Serial(Conv(3, (2,)), Flatten(), Dense(1)), x), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_layer_norm_needs_a_field_of_mean_zero(x):
    with pytest.raises(ValueError, match="LayerNorm got a field that is not Gaussian"):
        compute(Serial(Dense(3), Relu(), LayerNorm()), x)


def test_layer_norm_brings_variances_to_one(x):
    nngp, _ = compute(Serial(Dense(3, w_std=7.0, b_std=2.0), LayerNorm()), x)
    np.testing.assert_allclose(np.diag(nngp), 1, rtol=1e-11)
