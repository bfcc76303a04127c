"""Derivatives at inputs, and positions of inputs, that are exactly zero: black pixels, padding."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.kernels import function
from widelimit.networks import (
    RNN,
    Aggregate,
    AvgPool,
    Conv,
    Dense,
    Erf,
    FanInConcat,
    FanInProd,
    FanInSum,
    FanOut,
    Flatten,
    Gelu,
    GlobalAvgPool,
    GlobalSelfAttention,
    Identity,
    Index,
    Masked,
    OnGraphs,
    Parallel,
    Relu,
    Serial,
    SumNeighbours,
    with_graphs,
)

W, B = 1.3, 0.4


def forked(join, *front):
    """Raw inputs, or linear maps of them, beside a branch with weights of its own."""
    return Serial(
        FanOut(2), Parallel(Serial(*front, Identity()), Dense(8, W, B)), join, Dense(8, W, B)
    )


VECTORS = {
    "biases": Serial(Dense(8, W, B), Erf()),
    "biases later": Serial(Dense(8, W), Dense(8, W, B), Relu()),
    "standard": Serial(Dense(8, W, B, "standard"), Gelu()),
    "linear": Dense(8, W),
    "sum": Serial(forked(FanInSum()), Erf()),
    "product": Serial(forked(FanInProd(), Dense(8, W)), Erf()),
    "channels": Serial(forked(FanInConcat()), Erf()),
}
SEQUENCES = {
    "windows": Serial(Conv(8, (3,), w_std=W), Relu(), Flatten()),
    "pairs of windows": Serial(Conv(8, (3,), w_std=W, b_std=B), Relu(), GlobalAvgPool()),
    "pooling": Serial(AvgPool((2,)), Conv(8, (3,), w_std=W, b_std=B), Gelu(), GlobalAvgPool()),
    "flat": Serial(Flatten(), Dense(8, W, B), Relu()),
    "places": Serial(Index(slice(1, None)), Dense(8, W, B), Relu(), GlobalAvgPool()),
    "neighbours": Serial(
        Aggregate(np.arange(36.0).reshape(6, 6)), Dense(8, W, B), Erf(), GlobalAvgPool()
    ),
    "recurrent": Serial(RNN(8, Erf(), W, W, B), Index(-1)),
    "attention": Serial(GlobalSelfAttention(8, w_std=W, b_std=B), Relu(), GlobalAvgPool()),
    "masks": Masked(Serial(Conv(8, (3,), w_std=W), Relu(), GlobalAvgPool()), -1.0),
}
GRAPHS = {
    "graphs": OnGraphs(Serial(SumNeighbours(), Dense(8, W, B), Relu(), GlobalAvgPool())),
}


@pytest.mark.thorough(but=("biases-ntk", "linear-nngp", "windows-ntk", "flat-ntk", "masks-ntk", "attention-nngp"))  # fmt: skip
@pytest.mark.parametrize("kind", ["nngp", "ntk"])
@pytest.mark.parametrize("name", [*VECTORS, *SEQUENCES, *GRAPHS])
def test_derivatives_at_zero_are_those_of_finite_differences(double, rng, name, kind):
    """The first and the second along a line through zero, where no square root has any."""
    if name in VECTORS:
        net, (x, y, v) = VECTORS[name], rng.standard_normal((3, 2, 3))
        x[0] = 0
    else:
        net, (x, y, v) = (SEQUENCES | GRAPHS)[name], rng.standard_normal((3, 2, 6, 1))
        x[:, 2] = x[0, 4] = 0
        x[:, 5] = y[:, 5] = -1
    v = jnp.where(x == 0, v, 0)
    graphs = rng.standard_normal((2, 6, 6))
    kernel = function(net)

    @jax.jit
    def along(t):
        inputs = x + t * v, y
        if name in GRAPHS:
            inputs = tuple(with_graphs(nodes, graphs) for nodes in map(jnp.asarray, inputs))
        return jnp.sum(
            getattr(kernel(net.hyper, *inputs), kind) * jnp.array([[1.0, 2.0], [0.5, 3.0]])
        )

    def slope(t):
        return jax.jvp(along, (t,), (1.0,))[1]

    h = 1e-4
    low, here, high = along(-h), along(0.0), along(h)
    first, second = jax.jvp(slope, (0.0,), (1.0,))
    size = float(jnp.abs(here)) + 1
    np.testing.assert_allclose(first, (high - low) / (2 * h), rtol=1e-6, atol=1e-7 * size)
    np.testing.assert_allclose(second, (high - 2 * here + low) / h**2, rtol=1e-4, atol=1e-6 * size)
    assert abs(first) > 1e-2
