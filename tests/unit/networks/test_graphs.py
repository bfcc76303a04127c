"""Each sample has a graph of its own."""

import jax
import numpy as np
import pytest

from widelimit.kernels import compute
from widelimit.networks import (
    Aggregate,
    BatchNormRelu,
    Dense,
    Dropout,
    Erf,
    Frozen,
    GlobalAvgPool,
    Index,
    Masked,
    OnGraphs,
    Relu,
    Serial,
    SumNeighbours,
    Tanh,
    with_graphs,
)

NODES = np.sin(np.arange(24.0)).reshape(3, 4, 2)
"""Channels of three samples."""


def graphs():
    """A path, a star and a triangle beside a lone node, with weights of their own."""
    edges = [[(0, 1), (1, 2), (2, 3)], [(0, 1), (0, 2), (0, 3)], [(0, 1), (1, 2), (2, 0)]]
    weights = np.tile(np.eye(4), (3, 1, 1))
    for i, ends in enumerate(edges):
        for s, r in ends:
            weights[i, s, r], weights[i, r, s] = 0.5 + 0.25 * i, 0.2 * i - 0.3
    return weights


def network(*sums, activation=Erf):
    """Dense layers and sums over neighbours, these given."""
    first, second = sums or (SumNeighbours(), SumNeighbours())
    return Serial(
        *(Dense(9, w_std=1.3, b_std=0.3), first, Relu(), Dense(9, w_std=1.2, b_std=0.2), second),
        *(activation(), GlobalAvgPool(), Dense(1, w_std=1.1)),
    )


def test_kernels_are_those_of_neural_tangents():
    """Version 0.6.5, ``Aggregate(1, 0, -1)`` and ``kernel_fn(x, None, ('nngp', 'ntk'), pattern=(Aᵀ, Aᵀ))`` in float64."""
    peers = [
        [0.251071061687723, 0.2515921200066685, 0.32063191185543666, 0.2793105754991146],
        [0.7089248908712507, 0.6580198401857356, 0.8515797633890871, 0.8372677909280883],
    ]
    peers[0] += [0.34251655166209755, 0.5052627298876884]
    peers[1] += [0.9297139371529362, 1.5297403487300685]
    found = compute(OnGraphs(network()), with_graphs(NODES, graphs()))
    for kernel, peer in zip(found, peers, strict=True):
        np.testing.assert_allclose(kernel[np.triu_indices(3)], peer, rtol=1e-14)


@pytest.mark.thorough(only=("Tanh",))
@pytest.mark.parametrize("activation", [Erf, Tanh])
def test_equal_graphs_are_one_graph(activation):
    one = np.random.default_rng(0).uniform(-1, 1, (4, 4))
    x = with_graphs(NODES, np.tile(one, (3, 1, 1)))
    ours = OnGraphs(network(activation=activation))
    fixed = network(Aggregate(one), Aggregate(one), activation=activation)
    for kernel, expected in zip(compute(ours, x), compute(fixed, NODES), strict=True):
        np.testing.assert_allclose(kernel, expected, rtol=1e-14)
    params = ours.init(jax.random.key(0), x.shape[1:])
    np.testing.assert_allclose(ours.apply(params, x), fixed.apply(params, NODES), atol=1e-5)


def test_a_smaller_graph_filled_up_is_the_graph():
    x = with_graphs(NODES, graphs())
    x[0, 3] = 7
    net = Masked(OnGraphs(network()), 7)
    alone = with_graphs(NODES[:1, :3], graphs()[:1, :3, :3])
    for kernel, expected in zip(compute(net, x), compute(OnGraphs(network()), alone), strict=True):
        np.testing.assert_allclose(kernel[0, 0], expected[0, 0], rtol=1e-14)
    params = net.init(jax.random.key(0), x.shape[1:])
    of_it = OnGraphs(network()).apply(params, alone)
    np.testing.assert_allclose(net.apply(params, x)[:1], of_it, atol=1e-5)


def test_blocks_that_repeat_and_pairs_of_samples():
    """Layers in a loop, tiles and diagonals are the same numbers."""
    block = (Dense(1, w_std=1.3, b_std=0.1), SumNeighbours(), Relu())
    net = OnGraphs(Serial(*block * 4, GlobalAvgPool()))
    x = with_graphs(NODES, graphs())
    whole = compute(net, x, x[:2])
    np.testing.assert_allclose(compute(net, x, x[:2], tile=1).ntk, whole.ntk, rtol=1e-13)
    np.testing.assert_allclose(
        compute(net, x[:2], diagonal=True).ntk, np.diag(whole.ntk), rtol=1e-13
    )


def test_each_sample_drops_its_own_units():
    net = OnGraphs(Serial(Dense(50), Dropout(0.5, masked=True), SumNeighbours()))
    x = with_graphs(np.ones((2, 1, 1)), np.ones((2, 1, 1)))
    params = net.init(jax.random.key(0), x.shape[1:])
    first, second = net.apply(params, x, key=jax.random.key(1), train=True)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("call", ["propagate", "apply"])
def test_sums_without_graphs_are_refused(call):
    net = Serial(SumNeighbours(), GlobalAvgPool())
    with pytest.raises(ValueError, match="put the whole network into `OnGraphs`"):
        compute(net, NODES) if call == "propagate" else net.apply(((), ()), NODES)


def test_graphs_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"graphs \(3, 3, 3\), expected"):
        with_graphs(NODES, graphs()[:, 1:, 1:])
    with pytest.raises(ValueError, match=r"expected \(nodes, channels"):
        compute(OnGraphs(network()), NODES)
    cut = OnGraphs(Serial(Dense(1), Index(slice(1, None)), SumNeighbours(), GlobalAvgPool()))
    with pytest.raises(ValueError, match=r"positions of shape \(3,\), and graphs of 4 nodes"):
        compute(cut, with_graphs(NODES, graphs()))
    with pytest.raises(ValueError, match="couples the samples"):
        OnGraphs(BatchNormRelu())
    with pytest.raises(ValueError, match="another OnGraphs inside"):
        OnGraphs(Serial(OnGraphs(Dense(1)), Dense(1)))
    with pytest.raises(ValueError, match=r"take Masked\(OnGraphs"):
        OnGraphs(Masked(network(), 7))
    with pytest.raises(ValueError, match="stands around the whole network"):
        compute(Serial(OnGraphs(network()), Dense(1)), with_graphs(NODES, graphs()))


def test_a_network_on_graphs_may_be_frozen():
    x = with_graphs(NODES, graphs())
    found = compute(Frozen(Masked(OnGraphs(network()), np.nan)), x)
    assert np.array_equal(found.nngp, compute(OnGraphs(network()), x).nngp)
    assert not np.any(found.ntk)
