r"""Networks on graphs: each sample brings its own.

Its nodes are the positions, and a matrix :math:`A_i(s, r)` says with which weight node r counts for its
neighbour s: an adjacency matrix, one with self-loops, a normalised Laplacian. A sum over neighbours makes

.. math:: z'_i(s) = \sum_r A_i(s, r)\, z_i(r), \qquad
          K'_{ij}(s, s') = \sum_{r, r'} A_i(s, r)\, A_j(s', r')\, K_{ij}(r, r')

and the same of :math:`\Theta`. With self-loops and dense layers in between, summed over the nodes at the end,
these are the graph neural tangent kernels of Du et al. 2019 (arXiv:1905.13192).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.covariance import ORDER, Covariance
from widelimit.networks.inputs import as_array
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.linear_maps import Aggregate
from widelimit.networks.masked import Masked, propagated
from widelimit.networks.positions import LinearMap, map_samples_positions
from widelimit.networks.wrapper import Wrapper, apart, holds

__all__ = ["OnGraphs", "SumNeighbours", "with_graphs"]


def with_graphs(x: Any, graphs: Any) -> Any:
    """Nodes and graphs in one array, the inputs of `OnGraphs`.

    Args:
        x: channels of the nodes, shape (n, nodes, channels).
        graphs: weights of the neighbours, shape (n, nodes, nodes); row s holds those for node s.

    Returns:
        Shape (n, nodes, channels + nodes); a JAX array if one of both is.
    """
    x, graphs = as_array(x), as_array(graphs)
    if x.ndim != 3 or graphs.shape != (*x.shape[:2], x.shape[1]):
        raise ValueError(
            f"x has shape {x.shape} and graphs {graphs.shape}, expected (samples, nodes, channels) and (samples, "
            "nodes, nodes): fill smaller graphs up with nodes that `Masked` takes for absent."
        )
    traced = isinstance(x, jax.Array) or isinstance(graphs, jax.Array)
    return (jnp if traced else np).concatenate([x, graphs], axis=-1)


@layer
class SumNeighbours(Layer):
    """Sums over neighbours in the graph of each sample, inside of `OnGraphs`; `Aggregate` has one graph for all."""

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        raise ValueError(_NO_GRAPHS)

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return mask

    def pairs_before(self, after: bool) -> bool:
        return True

    def propagate(self, state: Covariance) -> Covariance:
        if state.graphs is None:
            raise ValueError(_NO_GRAPHS)
        nodes, lengths = (
            state.graphs[0].shape[-1],
            [state.delta.shape[axis] for axis in state.axes1],
        )
        if lengths != [nodes]:
            raise ValueError(
                f"SumNeighbours got positions of shape {tuple(lengths)}, and graphs of {nodes} nodes: no layer in "
                "front of it may remove or join nodes."
            )
        first, second = state.graphs
        return map_samples_positions(
            state,
            (_sum_along(first, 0), _sum_along(second, 1)),
            (_sum_along(jnp.abs(first), 0), _sum_along(jnp.abs(second), 1)),
        )


_NO_GRAPHS = (
    "SumNeighbours got inputs without graphs: put the whole network into `OnGraphs`, and give it inputs made by "
    "`with_graphs`; or take `Aggregate(matrix)`, which has one graph for all samples."
)


@layer
class OnGraphs(Wrapper):
    """A network whose `SumNeighbours` layers sum over neighbours in a graph of each sample; it stands around all.

    Its inputs have shape (n, nodes, channels + nodes), as `with_graphs` makes them. Graphs with fewer nodes are
    filled up, and `Masked(OnGraphs(net), constant)` leaves the nodes out whose channels and weights all are the
    constant.

    Args:
        inner: the network on nodes; its layers must not couple samples.
    """

    inner: Layer = hyper()

    def __init__(self, inner: Layer):
        if inner.couples_samples:
            raise ValueError(
                "OnGraphs got a network that couples the samples of a batch (BatchNormRelu), but each sample has "
                "a graph of its own: take the layer out, or LayerNorm in its place."
            )
        if holds(inner, OnGraphs):
            raise ValueError(
                "OnGraphs got a network with another OnGraphs inside, but it stands around the whole network, once: "
                "take the inner one out."
            )
        if holds(inner, Masked):
            raise ValueError(
                "OnGraphs got a Masked network, but nodes are absent with their graphs: take Masked(OnGraphs(net), "
                "constant)."
            )
        object.__setattr__(self, "inner", inner)

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        nodes, channels = _nodes_and_channels(input_shape)
        return _on_graph(self.inner, jnp.zeros((nodes, nodes))).init(key, (nodes, channels))

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        def single(net: Layer, *arrays: jax.Array, key: jax.Array | None) -> jax.Array:
            return net.apply(params, *arrays, key=key, train=train)

        return self._each_sample(single, x, key=key)

    def apply_masked(
        self,
        params: Params,
        x: Any,
        mask: Any,
        *,
        key: jax.Array | None = None,
        train: bool = False,
    ) -> Any:
        def single(net: Layer, *arrays: jax.Array, key: jax.Array | None) -> jax.Array:
            return net.apply_masked(params, *arrays, key=key, train=train)

        return self._each_sample(single, x, mask, key=key)

    def _each_sample(
        self, single: Callable[..., jax.Array], x: jax.Array, *more: Any, key: jax.Array | None
    ) -> jax.Array:
        """The outputs of ``single`` for each sample alone, by the network on its graph."""

        def one(x: jax.Array, graph: jax.Array, key: jax.Array | None, *more: Any) -> jax.Array:
            batch = (part[None] for part in (x, *more))
            return single(_on_graph(self.inner, graph), *batch, key=key)[0]

        keys = None if key is None else jax.random.split(key, len(x))
        return jax.vmap(one)(*_split(x), keys, *more)

    def inputs_of(self, x: Any) -> tuple[Any, Any]:
        nodes, graphs = _split(as_array(x))
        return self.inner.inputs_of(nodes), graphs

    def state_of(
        self, first: Any, second: Any, *, pairs: bool = False, order: int = ORDER
    ) -> Covariance:
        inner, graphs = apart(first, second)
        return self.inner.state_of(*inner, pairs=pairs, order=order).replace(graphs=graphs)

    def propagate(self, state: Covariance) -> Covariance:
        if state.graphs is None:
            raise ValueError(
                "OnGraphs got a state without graphs, expected that of raw inputs: it stands around the whole "
                "network, as in `kernels.compute(OnGraphs(net), with_graphs(x, graphs))`, and in `Masked` alone."
            )
        return propagated(self.inner, state)


def _on_graph(net: Layer, graph: jax.Array) -> Layer:
    """The network with one graph for all samples."""
    fixed = Aggregate(graph)
    return jax.tree.map(
        lambda part: fixed if isinstance(part, SumNeighbours) else part,
        net,
        is_leaf=lambda part: isinstance(part, SumNeighbours),
    )


def _split(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Channels of the nodes, and weights of their neighbours."""
    channels = _nodes_and_channels(x.shape[1:])[1]
    return x[..., :channels], x[..., channels:]


def _nodes_and_channels(shape: tuple[int, ...]) -> tuple[int, int]:
    """Their numbers, from the shape of an input."""
    if len(shape) != 2 or shape[1] <= shape[0]:
        raise ValueError(
            f"OnGraphs got inputs of shape {shape}, expected (nodes, channels + nodes) with at least one channel: "
            "make them by `with_graphs`."
        )
    return shape[0], shape[1] - shape[0]


def _sum_along(graphs: jax.Array, side: int) -> LinearMap:
    """The map of the nodes of x1 (side 0) or of x2 (side 1), in arrays of one or two axes of samples."""

    def transform(x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        # Behind the samples are two axes of nodes.
        ends = (side * (x.ndim - 3), axes[0])
        lined = jnp.moveaxis(x, ends, (0, -1))
        summed = jnp.einsum("nsr,n...r->n...s", graphs.astype(x.dtype), lined, precision="highest")
        return jnp.moveaxis(summed, (0, -1), ends)

    return transform
