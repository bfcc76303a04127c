"""The kernels of a network as a pure JAX function: jit, differentiate and vmap it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import jax
import numpy as np

from widelimit.networks import Covariance, Layer
from widelimit.networks.covariance import ORDER

__all__ = ["Kernels", "function", "output_state", "state_behind"]


_Array = TypeVar("_Array", jax.Array, np.ndarray)


class Kernels(NamedTuple, Generic[_Array]):
    r"""Kernels between two sets of inputs, in the units of the squared output; JAX or NumPy arrays.

    Attributes:
        nngp: :math:`K(x_i, x_j) = E[f(x_i) f(x_j)]` at initialisation, shape (n1, n2).
        ntk: :math:`\Theta(x_i, x_j) = E\langle \nabla_\theta f(x_i), \nabla_\theta f(x_j)\rangle`,
            shape (n1, n2).

    What was not asked for is None.
    """

    nngp: _Array
    ntk: _Array


def function(net: Layer, *, order: int = ORDER) -> Callable[..., Kernels[jax.Array]]:
    """The pure form ``(hyper, x1, x2=None) -> Kernels`` of a network's infinite-width kernels.

    Args:
        net: the network; its widths do not matter, its structure does.
        order: that of the Hermite series of activations which say none themselves. `compute` chooses it for
            a tolerance; here hyper-parameters may be traced, so that nothing can depend on them.

    Returns:
        A function of the hyper-parameters (in the form of ``net.hyper``), of ``x1`` with shape
        (n1, d) and of ``x2`` with shape (n2, d), ``x1`` again if it is None. It computes in the
        precision of its inputs. Identical, antipodal and zero inputs are exact, with their derivatives;
        where an activation sees nothing but zeros, without biases, those in the inputs are taken as zero. For
        inputs at a relative distance below the square root of the rounding error the kernels of
        rectified networks are accurate to that square root (5e-9 in float64), because inner products
        cannot tell such inputs apart.
    """

    def kernel(hyper: Any, x1: jax.Array, x2: jax.Array | None = None) -> Kernels[jax.Array]:
        state = output_state(net.replace_hyper(hyper), x1, x2, order)
        return Kernels(state.nngp, state.ntk)

    return kernel


def output_state(
    net: Layer, x1: Any, x2: Any, order: int = ORDER, *, ntk: bool = True
) -> Covariance:
    """The state behind a network, with or without its NTK.

    Args:
        net: the network.
        x1, x2: inputs of shapes (n1, ...) and (n2, ...); without x2, of the batch x1 with itself.
        order: that of Hermite series.
        ntk: whether to have a tangent kernel.
    """
    second = None if x2 is None else net.inputs_of(x2)
    return state_behind(net, net.inputs_of(x1), second, order, ntk=ntk)


def state_behind(
    net: Layer,
    first: Any,
    second: Any,
    order: int = ORDER,
    *,
    ntk: bool = True,
    slopes: bool = True,
) -> Covariance:
    """`output_state` for inputs as ``net.inputs_of`` makes them.

    Without ``slopes`` it is not to be differentiated in them: no time goes into what zero inputs need for that.
    """
    state = net.state_of(first, second, pairs=net.pairs_before(False), order=order)
    state = state if slopes else state.each(lambda part: part.replace(products=None))
    state = net.propagate(state if ntk else state.replace(ntk=None))
    if not isinstance(state, Covariance):
        raise ValueError(
            f"the network ends in {len(state)} branches, expected one field: join them by FanInSum, "
            "FanInProd or FanInConcat."
        )
    return state
