"""Covariances as they are seen through the cells of a sliding window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.linear import Total
from widelimit.networks.windows import Windows

__all__ = ["over_cells"]


def over_cells(state: Covariance, windows: Windows) -> Total:
    """Sums over the cells of a window: both positions of a pair move together.

    The cells are looped over, so that compile time does not grow with their number.
    """
    one, two = state.axes1, state.axes2
    blocks = (one, two) if state.pairs else (one,)

    def pad(x: jax.Array, *blocks: tuple[int, ...]) -> jax.Array:
        for axes in blocks:
            x = windows.padded(x, axes)
        return x

    def through(x: jax.Array, cell: jax.Array, *blocks: tuple[int, ...]) -> jax.Array:
        for axes in blocks:
            x = windows.through(x, cell, axes)
        return x

    q1, q2, delta = pad(state.q1, one), pad(state.q2, two), pad(state.delta, *blocks)
    ntk, products = (None if x is None else pad(x, *blocks) for x in (state.ntk, state.products))

    def view(cell: jax.Array) -> Covariance:
        return state.replace(
            q1=through(q1, cell, one),
            q2=through(q2, cell, two),
            delta=through(delta, cell, *blocks),
            ntk=None if ntk is None else through(ntk, cell, *blocks),
            products=None if products is None else through(products, cell, *blocks),
        )

    def total(f: Callable[[Covariance], Any]) -> Any:
        first, *others = windows.cells()
        start = f(view(jnp.asarray(first)))
        if not others:
            return start
        return jax.lax.scan(
            lambda so_far, cell: (jax.tree.map(jnp.add, so_far, f(view(cell))), None),
            start,
            jnp.asarray(others),
        )[0]

    return total
