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
    Parallel,
    Relu,
    Repeat,
    Residual,
    Serial,
    SumPool,
)
from widelimit.tangents import sample_ntk

WIDTH, DRAWS = 128, 60

IMAGE_NETWORKS = {
    "conv same": (Conv(WIDTH, (3, 2), b_std=0.3), Relu(), Flatten()),
    "conv valid, strides": (Conv(WIDTH, (2, 3), strides=(1, 2), padding="VALID"), Erf(), Flatten()),
    "conv circular": (Conv(WIDTH, (3, 3), padding="CIRCULAR"), Relu(), GlobalAvgPool()),
    "conv dilated": (Conv(WIDTH, (2, 2), dilation=2), Erf(), GlobalAvgPool()),
    "two convs": (
        *(Conv(WIDTH, (3, 3), b_std=0.2), Relu(), Conv(WIDTH, (3, 3)), Erf()), GlobalAvgPool(),
    ),
    "conv in groups": (
        Conv(WIDTH, (1, 1)), Relu(), Conv(WIDTH, (2, 2), groups=2), Relu(), GlobalAvgPool(),
    ),
    "average pool": (
        *(Conv(WIDTH, (3, 3)), Relu(), AvgPool((2, 2), 2), Conv(WIDTH, (2, 2))), Relu(), Flatten(),
    ),
    "average pool at edges": (
        *(Conv(WIDTH, (3, 3)), AvgPool((2, 2), padding="SAME", normalize_edges=True), Relu()),
        Flatten(),
    ),
    "sum pool": (Conv(WIDTH, (2, 2)), Relu(), SumPool((2, 3), padding="CIRCULAR"), Flatten()),
    "global sum": (Conv(WIDTH, (2, 2)), Erf(), GlobalSumPool()),
}  # fmt: skip


VECTOR_NETWORKS = {
    "residual": (Dense(WIDTH), Residual(Relu(), Dense(WIDTH, b_std=0.3)), Erf()),
    "residual of inputs": (Residual(Dense(4), Relu(), Dense(4)), Dense(WIDTH), Relu()),
    "sum": (
        FanOut(2),
        Parallel(Dense(WIDTH, w_std=1.3), Serial(Dense(WIDTH), Relu(), Dense(WIDTH, b_std=0.2))),
        *(FanInSum(), Relu()),
    ),
    "product": (
        *(
            FanOut(2),
            Parallel(Serial(Dense(WIDTH), Relu()), Serial(Dense(WIDTH, b_std=0.4), Erf())),
        ),
        FanInProd(),
    ),
    "concatenation": (
        *(FanOut(2), Parallel(Serial(Dense(WIDTH), Relu()), Serial(Dense(3 * WIDTH), Erf()))),
        *(FanInConcat(), Dense(WIDTH), Relu()),
    ),
    "layer norm": (Dense(WIDTH, w_std=1.7), LayerNorm(), Relu(), Dense(WIDTH), LayerNorm(), Erf()),
    "first and last frozen": (
        Frozen(Dense(WIDTH, b_std=0.3)),
        Relu(),
        Dense(WIDTH),
        Erf(),
        Frozen(Dense(9)),
    ),
    "standard": (
        Dense(WIDTH, 1.2, 0.4, "standard"),
        Relu(),
        Dense(WIDTH, 1.3, parameterization="standard", base_width=16),
        Erf(),
    ),
    "repeat": (Dense(WIDTH), Repeat(Serial(Relu(), Dense(WIDTH, w_std=1.4)), 3), Relu()),
}
IMAGE_NETWORKS |= {
    "layer norm over images": (
        *(Conv(WIDTH, (2, 2), w_std=1.7, b_std=0.5), LayerNorm(positions=True), Relu()),
        GlobalAvgPool(),
    ),
    "conv transposed": (
        ConvTranspose(WIDTH, (3, 2), strides=(2, 1), b_std=0.3),
        Relu(),
        GlobalAvgPool(),
    ),
    "conv transposed, circular": (
        ConvTranspose(WIDTH, (2, 3), strides=2, padding="CIRCULAR"),
        Erf(),
        AvgPool((2, 2)),
        Flatten(),
    ),
    "conv local": (
        ConvLocal(WIDTH, (2, 2), b_std=0.3),
        Relu(),
        ConvLocal(WIDTH, (3, 2), strides=(2, 1)),
        Erf(),
        GlobalAvgPool(),
    ),
    "conv standard": (
        Conv(WIDTH, (2, 2), b_std=0.3, parameterization="standard"),
        Relu(),
        Conv(WIDTH, (2, 1), parameterization="standard", base_width=8),
        Erf(),
        GlobalAvgPool(),
    ),
    "index": (
        Conv(WIDTH, (2, 2)),
        Relu(),
        Index(slice(1, None), 2),
        Conv(WIDTH, (2,)),
        Erf(),
        GlobalAvgPool(),
    ),
    "aggregate": (
        Conv(WIDTH, (1, 1)),
        Relu(),
        Aggregate(np.random.default_rng(3).standard_normal((4, 5)), axis=1),
        Conv(WIDTH, (1, 1)),
        Erf(),
        Flatten(),
    ),
    "resize": (
        Conv(WIDTH, (2, 2)),
        Relu(),
        ImageResize((3, 7), "cubic"),
        Conv(WIDTH, (1, 2)),
        Erf(),
        GlobalAvgPool(),
    ),
    "dropout": (Conv(WIDTH, (2, 2)), Relu(), Dropout(0.3), Flatten()),
    "attention": (
        Conv(WIDTH, (2, 2)),
        Relu(),
        GlobalSelfAttention(WIDTH, 2, WIDTH, w_std=1.3, attention=0.8, b_std=0.2),
        Relu(),
        Flatten(),
    ),
    "attention of inputs, relu": (
        GlobalSelfAttention(WIDTH, 2, WIDTH, "relu", attention=0.2),
        Erf(),
        GlobalAvgPool(),
    ),
    "residual convs": (
        *(Conv(WIDTH, (2, 2)), Residual(Relu(), Conv(WIDTH, (3, 2), b_std=0.3)), Relu()),
        GlobalAvgPool(),
    ),
}


@pytest.mark.parametrize("name", VECTOR_NETWORKS)
def test_networks_on_vectors_converge_to_their_kernel(rng, name):
    check_convergence(
        Serial(*VECTOR_NETWORKS[name], Dense(1, b_std=0.1)), rng.standard_normal((3, 4))
    )


@pytest.mark.parametrize("name", IMAGE_NETWORKS)
def test_networks_on_images_converge_to_their_kernel(rng, name):
    net = Serial(*IMAGE_NETWORKS[name], Dense(1, w_std=1.2, b_std=0.1))
    check_convergence(net, rng.standard_normal((3, 4, 5, 2)))


def check_convergence(net, x):
    """The mean over draws of the empirical NTK, within four standard errors and the O(1/n) bias."""
    draws = sample_ntk(net, jax.random.key(0), range(DRAWS), x)
    error = draws.std(axis=0, ddof=1) / np.sqrt(DRAWS)
    limit = compute(net, x).ntk
    assert np.all(np.abs(draws.mean(axis=0) - limit) < 4 * error + 0.02 * np.abs(limit).max())
