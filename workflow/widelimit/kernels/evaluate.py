"""Kernels of one tile of inputs, with series as long as a tolerance takes."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from widelimit.kernels.function import Kernels, state_behind
from widelimit.networks import Covariance, Layer
from widelimit.networks.bounds import Bound

__all__ = ["ORDERS", "error_of", "evaluate", "lowest_order", "tile_state"]

ORDERS = (32, 64, 128, 256, 512)
"""Orders of series that are tried, the shortest first."""

_Result = TypeVar("_Result")


def evaluate(
    net: Layer, first: Any, second: Any, *, ntk: bool, tolerance: float, diagonal: bool = False
) -> Kernels[jax.Array]:
    """Kernels between two small sets of inputs, on this thread's device and precision.

    Closed forms are exact to rounding. Series are cut at the lowest of `ORDERS` that meets the tolerance.

    Args:
        net: the network; it is compiled once for each structure, shape of the inputs and order.
        first, second: inputs as ``net.inputs_of`` makes them, n1 and n2 of them. Without the second, the first is
            a whole batch, and the kernels are those of the batch with itself.
        ntk: whether to compute the NTK; otherwise it is None.
        tolerance: largest error of an entry, relative to the scale of the second moments of its two inputs.
        diagonal: only the pairs of input i with input i, for n1 = n2.

    Returns:
        Kernels of shape (n1, n2), or (n1,) for the diagonal.

    Raises:
        ValueError: no order meets the tolerance; the message says which one might.
    """

    def attempt(order: int) -> tuple[Kernels[jax.Array], jax.Array]:
        nngp, theta, error = _compiled(net, first, second, ntk=ntk, diagonal=diagonal, order=order)
        return Kernels(nngp, theta), error

    return lowest_order(attempt, tolerance)[0]


def lowest_order(
    attempt: Callable[[int], tuple[_Result, Any]], tolerance: float
) -> tuple[_Result, int]:
    """The result of the lowest of `ORDERS` whose error is within the tolerance, and that order.

    Args:
        attempt: makes the result at an order, and says how far it may be off.
        tolerance: how far it may.

    Raises:
        ValueError: no order meets the tolerance; the message says which one might.
    """
    errors: list[float] = []
    for order in ORDERS:
        result, error = attempt(order)
        errors.append(float(error))
        if errors[-1] <= tolerance:
            return result, order
    raise ValueError(_refusal(errors[-1], errors[-2], tolerance))


def tile_state(
    net: Layer, first: Any, second: Any, *, ntk: bool, diagonal: bool, order: int = ORDERS[0]
) -> tuple[Any, Any, Any]:
    """NNGP, NTK or None, and how far they may be off: a pure function to be compiled."""
    if diagonal:
        single = functools.partial(_pair, net, ntk=ntk, order=order)
        nngp, theta, error = jax.vmap(single)(first, second)
        return nngp, theta, jnp.max(error, initial=0)
    state = _single_field(state_behind(net, first, second, order, ntk=ntk, slopes=False))
    return state.nngp, state.ntk, error_of(state.bound, ntk=ntk)


_compiled = jax.jit(tile_state, static_argnames=("ntk", "diagonal", "order"))


def _pair(net: Layer, first: Any, second: Any, *, ntk: bool, order: int) -> tuple[Any, Any, Any]:
    first, second = jax.tree.map(lambda leaf: leaf[None], (first, second))
    state = _single_field(state_behind(net, first, second, order, ntk=ntk, slopes=False))
    theta = None if state.ntk is None else state.ntk[0, 0]
    return state.nngp[0, 0], theta, error_of(state.bound, ntk=ntk)


def _single_field(state: Covariance) -> Covariance:
    if state.positions:
        raise ValueError(
            f"the network ends in a field over {state.positions} axes of positions, expected one vector "
            "for each sample: add Flatten or a global pooling layer, or use `kernels.function`."
        )
    return state


def error_of(bound: Bound | None, *, ntk: bool) -> jax.Array:
    """How far entries may be off, relative to the scale of the second moments."""
    if bound is None:
        return jnp.zeros(())
    return jnp.asarray(jnp.maximum(bound.k, bound.ntk if ntk else 0))


def _refusal(last: float, before: float, tolerance: float) -> str:
    said = (
        f"with Hermite series of order {ORDERS[-1]} the kernel may be off by {last:.1e} of the second moments, "
        f"more than the tolerance {tolerance:.1e}"
    )
    if last == before and math.isfinite(last):
        return (
            f"the Hermite series of an activation is cut at an order of its own, with which the kernel may be "
            f"off by {last:.1e} of the second moments, more than the tolerance {tolerance:.1e}: leave its "
            "`order` out, so that it is chosen for the tolerance."
        )
    if not last < before / 8:
        return (
            f"{said}, and the series converges slowly. If the function has a kink or a jump, say where with "
            "`Piecewise(function, kinks=(0.0,))`; if variances are large, scale the weights or inputs down."
        )
    # Errors fall like exp(-b √K).
    root, half = math.sqrt(ORDERS[-1]), math.sqrt(ORDERS[-1] / 2)
    decay = math.log(before / last) / (root - half)
    order = math.ceil((root + math.log(last / tolerance) / decay) ** 2)
    return (
        f"{said}; order {order} would do: give it to the activation as `order`, scale the weights down, or say "
        "with `tolerance` what is good enough."
    )
