"""Finite networks of growing width converge to `propagate`, layer by layer."""

import jax
import numpy as np
import pytest

from widelimit.kernels import compute
from widelimit.networks import (
    Aggregate,
    AvgPool,
    Conv,
    ConvLocal,
    ConvTranspose,
    Dense,
    Dropout,
    Erf,
    FanInConcat,
    FanInPositions,
    FanInProd,
    FanInSum,
    FanOut,
    Flatten,
    Frozen,
    GlobalAvgPool,
    GlobalSelfAttention,
    GlobalSumPool,
    ImageResize,
    Index,
    LayerNorm,
    Masked,
    OnGraphs,
    Parallel,
    PositionalEmbedding,
    Relu,
    Repeat,
    Residual,
    Serial,
    SumNeighbours,
    SumPool,
    with_graphs,
)
from widelimit.tangents import sample_ntk

WIDTH, DRAWS = 128, 60

VECTOR_NETWORKS = {
    "residuals": (
        *(Residual(Dense(4), Relu(), Dense(4)), Dense(WIDTH)),
        *(Residual(Relu(), Dense(WIDTH, b_std=0.3)), Erf()),
    ),
    "sum": (
        FanOut(2),
        Parallel(Dense(WIDTH, w_std=1.3), Serial(Dense(WIDTH), Relu(), Dense(WIDTH, b_std=0.2))),
        *(FanInSum(), Relu()),
    ),
    "product": (
        FanOut(2),
        Parallel(Serial(Dense(WIDTH), Relu()), Serial(Dense(WIDTH, b_std=0.4), Erf())),
        FanInProd(),
    ),
    "concatenation": (
        FanOut(2),
        Parallel(Serial(Dense(WIDTH), Relu()), Serial(Dense(3 * WIDTH), Erf())),
        *(FanInConcat(), Dense(WIDTH), Relu()),
    ),
    "layer norms around blocks that repeat": (
        *(Dense(WIDTH, w_std=1.7), LayerNorm()),
        *(Repeat(Serial(Relu(), Dense(WIDTH, w_std=1.4)), 3), LayerNorm(), Erf()),
    ),
    "standard, first and last frozen": (
        *(Frozen(Dense(WIDTH, b_std=0.3)), Relu()),
        *(Dense(WIDTH, 1.2, 0.4, "standard"), Relu()),
        *(Dense(WIDTH, 1.3, parameterization="standard", base_width=16), Erf(), Frozen(Dense(9))),
    ),
}
IMAGE_NETWORKS = {
    "convolutions, flattened": (
        *(Conv(WIDTH, (3, 2), b_std=0.3), Relu()),
        *(Conv(WIDTH, (2, 3), strides=(1, 2), padding="VALID"), Erf(), Flatten()),
    ),
    "convolutions, averaged": (
        *(Conv(WIDTH, (3, 3), padding="CIRCULAR", b_std=0.2), Relu()),
        *(Conv(WIDTH, (2, 2), dilation=2), Erf(), Conv(WIDTH, (2, 2), groups=2), Relu()),
        GlobalAvgPool(),
    ),
    "average pools": (
        *(Conv(WIDTH, (3, 3)), Relu(), AvgPool((2, 2), 2)),
        *(Conv(WIDTH, (2, 2)), AvgPool((2, 2), padding="SAME", normalize_edges=True), Relu()),
        Flatten(),
    ),
    "sum pools": (
        *(Conv(WIDTH, (2, 2)), Relu(), SumPool((2, 3), padding="CIRCULAR")),
        *(Conv(WIDTH, (2, 2)), Erf(), GlobalSumPool()),
    ),
    "layer norm over images, dropout": (
        *(Conv(WIDTH, (2, 2), w_std=1.7, b_std=0.5), LayerNorm(positions=True), Relu()),
        *(Dropout(0.3), GlobalAvgPool()),
    ),
    "transposed convolutions": (
        *(ConvTranspose(WIDTH, (3, 2), strides=(2, 1), b_std=0.3), Relu()),
        *(ConvTranspose(WIDTH, (2, 3), strides=(1, 2), padding="CIRCULAR"), Erf()),
        *(AvgPool((2, 2)), Flatten()),
    ),
    "local and standard convolutions": (
        *(Conv(WIDTH, (2, 2), b_std=0.3, parameterization="standard"), Relu()),
        *(ConvLocal(WIDTH, (3, 2), strides=(2, 1), b_std=0.3), Erf()),
        *(Conv(WIDTH, (2, 1), parameterization="standard", base_width=8), Relu()),
        GlobalAvgPool(),
    ),
    "aggregated, resized, selected": (
        *(Conv(WIDTH, (1, 1)), Relu()),
        Aggregate(np.random.default_rng(3).standard_normal((4, 5)), axis=1),
        *(ImageResize((3, 7), "cubic"), Index(slice(1, None), 2)),
        *(Conv(WIDTH, (2,)), Erf(), GlobalAvgPool()),
    ),
    "attention": (
        *(GlobalSelfAttention(WIDTH, 2, WIDTH, "relu", attention=0.2), Erf()),
        GlobalSelfAttention(WIDTH, 2, WIDTH, w_std=1.3, attention=0.8, b_std=0.2),
        *(Relu(), Flatten()),
    ),
    "residual convolutions": (
        *(Conv(WIDTH, (2, 2)), Residual(Relu(), Conv(WIDTH, (3, 2), b_std=0.3)), Relu()),
        GlobalAvgPool(),
    ),
}
"""Each layer in a network with others, since what takes time is to compile a network."""


JOINED_POSITIONS = (
    FanOut(2),
    Parallel(Conv(WIDTH, (2,), b_std=0.3), Conv(WIDTH, (3,), padding="VALID")),
    FanInPositions(),
    Erf(),
    GlobalSelfAttention(
        WIDTH, 16, 32, "identity", 1.2, 0.7, scale="1/sqrt(d)", embedding=PositionalEmbedding()
    ),
    Erf(),
    GlobalAvgPool(),
)


@pytest.mark.thorough(but=("residuals", "product", "concatenation"))
@pytest.mark.parametrize("name", VECTOR_NETWORKS)
def test_networks_on_vectors_converge_to_their_kernel(rng, name):
    check_convergence(
        Serial(*VECTOR_NETWORKS[name], Dense(1, b_std=0.1)), rng.standard_normal((3, 4))
    )


@pytest.mark.thorough(but=("convolutions, flattened", "average pools", "attention"))
@pytest.mark.parametrize("name", IMAGE_NETWORKS)
def test_networks_on_images_converge_to_their_kernel(rng, name):
    net = Serial(*IMAGE_NETWORKS[name], Dense(1, w_std=1.2, b_std=0.1))
    check_convergence(net, rng.standard_normal((3, 4, 5, 2)))


def test_joined_positions_that_attend_converge_to_their_kernel(rng):
    check_convergence(Serial(*JOINED_POSITIONS, Dense(1)), rng.standard_normal((3, 4, 2)))


def test_networks_on_graphs_converge_to_their_kernel(rng):
    """One of the graphs ends after three nodes."""
    net = Serial(
        *(Dense(WIDTH, w_std=1.3, b_std=0.3), SumNeighbours()),
        *(Residual(Erf(), SumNeighbours(), Dense(WIDTH, b_std=0.2)), Relu()),
        *(GlobalAvgPool(), Dense(1)),
    )
    x = with_graphs(rng.standard_normal((3, 4, 2)), rng.uniform(-1, 1, (3, 4, 4)))
    x[1, 3] = np.nan
    check_convergence(Masked(OnGraphs(net), np.nan), x)


def test_what_random_attention_adds_converges(rng):
    """Queries, keys, values and outputs a quarter each: what one lacked would be seen."""
    attention = GlobalSelfAttention(64, 32, 64, "relu", 1.2, 0.7, scale="1/sqrt(d)")
    net = Serial(attention, GlobalAvgPool(), Frozen(Dense(1)))
    check_convergence(net, rng.standard_normal((3, 4, 2)), draws=400)


def check_convergence(net, x, draws=DRAWS):
    """The mean over draws of the empirical NTK, within four standard errors and the O(1/n) bias."""
    found = sample_ntk(net, jax.random.key(0), range(draws), x)
    error = found.std(axis=0, ddof=1) / np.sqrt(draws)
    limit = compute(net, x).ntk
    assert np.all(np.abs(found.mean(axis=0) - limit) < 4 * error + 0.02 * np.abs(limit).max())
