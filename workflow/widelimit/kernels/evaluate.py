"""Kernels of one tile of inputs, with series as long as a tolerance takes."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp

from widelimit.kernels.function import Kernels, output_state
from widelimit.networks import Layer
from widelimit.networks.bounds import Bound

__all__ = ["ORDERS", "evaluate"]

ORDERS = (32, 64, 128, 256, 512, 1024)
"""Orders of series that are tried, the shortest first."""


def evaluate(net: Layer, x1: jax.Array, x2: jax.Array, *, tolerance: float) -> Kernels[jax.Array]:
    """Both kernels of a network, within ``tolerance`` of what they are.

    Closed forms are exact to rounding. Series are cut at the lowest of `ORDERS` that meets the tolerance.

    Args:
        net: the network.
        x1, x2: inputs of shapes (n1, ...) and (n2, ...).
        tolerance: largest error of an entry, relative to the scale of the second moments of its two inputs.

    Raises:
        ValueError: no order meets the tolerance; the message says which one might.
    """
    everything = jnp.concatenate([x1, x2])
    errors: list[float] = []
    for order in ORDERS:
        # One partner is enough: what a series lacks depends on variances alone.
        if errors:
            bound = _bound(net, everything, everything[:1], order)
        if not errors or _error(bound) <= tolerance:
            kernels, bound = _tile(net, x1, x2, order)
            if _error(bound) <= tolerance:
                return kernels
        errors.append(_error(bound))
    raise ValueError(_refusal(errors[-1], errors[-2], tolerance))


@functools.partial(jax.jit, static_argnums=3)
def _bound(net: Layer, x1: jax.Array, x2: jax.Array, order: int) -> Bound | None:
    return output_state(net, x1, x2, order).bound


@functools.partial(jax.jit, static_argnums=3)
def _tile(
    net: Layer, x1: jax.Array, x2: jax.Array, order: int
) -> tuple[Kernels[jax.Array], Bound | None]:
    """The kernels and how far they may be off; compiled once for each structure, shape and order."""
    state = output_state(net, x1, x2, order)
    return Kernels(state.nngp, state.ntk), state.bound


def _error(bound: Bound | None) -> float:
    return 0.0 if bound is None else float(jnp.maximum(bound.k, bound.ntk))


def _refusal(last: float, before: float, tolerance: float) -> str:
    said = (
        f"with Hermite series of order {ORDERS[-1]} the kernel may be off by {last:.1e} of the second moments, "
        f"more than the tolerance {tolerance:.1e}"
    )
    if last == before:
        return (
            f"the Hermite series of an activation is cut at an order of its own, with which the kernel may be "
            f"off by {last:.1e} of the second moments, more than the tolerance {tolerance:.1e}: leave its "
            "`order` out, so that it is chosen for the tolerance."
        )
    if not last < before / 8:
        return (
            f"{said}, and the series hardly converges: has the function a kink or a jump? Say where with "
            "`Piecewise(function, kinks=(0.0,))`."
        )
    # Errors fall like exp(-b √K).
    root, half = math.sqrt(ORDERS[-1]), math.sqrt(ORDERS[-1] / 2)
    decay = math.log(before / last) / (root - half)
    order = math.ceil((root + math.log(last / tolerance) / decay) ** 2)
    return (
        f"{said}; order {order} would do: give it to the activation as `order`, scale the weights down, or say "
        "with `tolerance` what is good enough."
    )
