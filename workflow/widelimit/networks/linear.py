r"""What all layers with weights share at infinite width.

A linear layer sums independent fields, one for each cell of its window, with weights of variance
:math:`w^2`, and adds biases of variance :math:`b^2`: with :math:`K_d, \Theta_d` the kernels of its inputs
as seen through cell d,

.. math:: K' = w^2 \sum_d K_d + b^2, \qquad \Theta' = K' + w^2 \sum_d \Theta_d .

The first term of :math:`\Theta'` comes from this layer's own parameters, in NTK parameterisation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.mixture import share, term

__all__ = ["Total", "affine"]

Total = Callable[[Callable[[Covariance], Any]], Any]
"""Adds up a function of the state over all cells of a window."""


def affine(
    state: Covariance, total: Total, w2: jax.Array | float, b2: jax.Array | float | None
) -> Covariance:
    """The state behind a linear layer.

    Args:
        state: the state in front of it.
        total: the sum over cells, given the state in front as it is seen through each of them.
        w2: variance of the contribution of each cell.
        b2: variance of the biases; None means that there are none.
    """
    biases = 0 if b2 is None else b2
    q1, q2 = total(lambda view: (view.q1, view.q2))
    q1, q2 = w2 * q1 + biases, w2 * q2 + biases

    def contribution(view: Covariance) -> tuple[jax.Array, jax.Array | None]:
        return term(share(w2 * view.q1, q1), share(w2 * view.q2, q2), view.delta), view.ntk

    delta, ntk = total(contribution)
    if b2 is not None:
        delta = delta + term(share(b2, q1), share(b2, q2), 0)
    state = state.replace(
        q1=q1, q2=q2, delta=jnp.clip(delta, 0, 2), gaussian=True, wide=True, shared=False,
        bound=None if state.bound is None else state.bound.weighted(_part(q1, q2, biases)),
    )  # fmt: skip
    return state if ntk is None else state.replace(ntk=state.nngp + w2 * ntk)


def _part(q1: jax.Array, q2: jax.Array, biases: jax.Array | float) -> jax.Array:
    """The largest share of the variance that does not come from biases."""
    return jnp.maximum(*(jnp.max(1 - share(biases, q) ** 2, initial=0) for q in (q1, q2)))
