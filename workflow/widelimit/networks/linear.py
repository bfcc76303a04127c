r"""What all layers with weights share.

At infinite width such a layer sums independent fields, one for each cell of its window, with weights of
variance :math:`w^2`, and adds biases of variance :math:`b^2`: with :math:`K_d, \Theta_d` the kernels of its
inputs as seen through cell d,

.. math:: K' = w^2 \sum_d K_d + b^2, \qquad \Theta' = O + w^2 \sum_d \Theta_d ,

where O comes from the layer's own parameters and depends on how they are scaled, for n channels in front, |F|
cells, and standard normal draws:

=============  ==========================  =====================  =======================================
name           finite layer                draws times            :math:`O`
=============  ==========================  =====================  =======================================
``ntk``        σ_w/√(n|F|) W x + σ_b b     1, 1                   :math:`K'`
``standard``   √(N/n) W x + b              σ_w/√(N|F|), σ_b       :math:`N \sum_d K_d + 1` (1 for biases)
``mup``        σ_w/(n√|F|) W x + σ_b b     1, 1                   none: the output vanishes
=============  ==========================  =====================  =======================================

``standard`` is the improved standard parameterisation of Sohl-Dickstein et al. 2020 with base width N: at
n = N it is what frameworks initialise, and its limit is finite, since N stays. ``mup`` is the scale of an
output layer in which features move at any width (Yang and Hu 2021); hidden layers in front of it are those of
``ntk``. It has no kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.bounds import Bound, Own
from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params
from widelimit.networks.mixture import share, term
from widelimit.networks.rounding import clipped
from widelimit.networks.safe import safe_ratio

__all__ = ["Linear", "Total", "affine"]

Total = Callable[[Callable[[Covariance], Any]], Any]
"""Adds up a function of the state over all cells of a window."""

PARAMETERIZATIONS = ("ntk", "standard", "mup")


class Linear(Layer):
    """A layer with weights and biases.

    Args:
        features: number of channels; what goes to infinity.
        w_std: standard deviation of the weights times the square root of the fan-in.
        b_std: standard deviation of the biases; None means that there are none.
        parameterization: "ntk", "standard" or "mup", see the table in `linear`.
        base_width: N of the standard parameterisation; None is the number of channels in front.
    """

    features: int
    w_std: Any
    b_std: Any
    parameterization: str
    base_width: int | None

    def __post_init__(self) -> None:
        if self.parameterization not in PARAMETERIZATIONS:
            raise ValueError(
                f"parameterization is {self.parameterization!r}, expected one of "
                f"{', '.join(PARAMETERIZATIONS)}."
            )

    def drawn(self, w: jax.Array, b: jax.Array | None, channels: int, cells: int = 1) -> Params:
        """Parameters from standard normal draws, for so many channels in front and cells of a window."""
        if self.parameterization == "standard":
            w = w * (self.w_std / (cells * (self.base_width or channels)) ** 0.5)
            b = None if b is None else b * self.b_std
        return {"w": w} if b is None else {"w": w, "b": b}

    def scaled(self, z: jax.Array, params: Params, channels: int, cells: int = 1) -> jax.Array:
        """The output, from the product z of bare weights and inputs.

        Weights enter that product bare: the structured tangent kernel recognises a parameter by that.
        """
        if self.parameterization == "standard":
            z = z if self.base_width is None else (self.base_width / channels) ** 0.5 * z
            return z if self.b_std is None else z + params["b"]
        root = cells**0.5 * (channels if self.parameterization == "mup" else channels**0.5)
        z = self.w_std / root * z
        return z if self.b_std is None else z + self.b_std * params["b"]

    def through(
        self,
        state: Covariance,
        view: Callable[[Covariance], Total],
        cells: int = 1,
        channels: int | None = None,
    ) -> Covariance:
        """The state behind the layer.

        Args:
            state: the state in front.
            view: for it or for one of its parts, the sum over all cells.
            cells: their number.
            channels: those in front that a unit sees; None means all.
        """
        if self.parameterization == "mup":
            raise ValueError(
                f"{type(self).__name__} in mup parameterisation has no kernel: at infinite width its output is "
                "zero and its features move, so that the tangent kernel changes in training. Train finite "
                "networks (`tangents`), or take parameterization='ntk'."
            )
        w2, b2 = self.w_std**2 / cells, None if self.b_std is None else self.b_std**2
        base = None
        if self.parameterization == "standard":
            base = self.base_width or channels or state.channels

        def update(part: Covariance) -> Covariance:
            return affine(part, view(part), w2, b2, base).replace(channels=self.features)

        return state.each(update)


def affine(
    state: Covariance,
    total: Total,
    w2: jax.Array | float,
    b2: jax.Array | float | None,
    base: int | None = None,
) -> Covariance:
    """The state behind a linear layer.

    Args:
        state: the state in front of it.
        total: the sum over cells, given the state in front as it is seen through each of them.
        w2: variance of the contribution of each cell.
        b2: variance of the biases; None means that there are none.
        base: N of the standard parameterisation; None is NTK parameterisation.
    """
    biases = 0 if b2 is None else b2
    q1, q2 = total(lambda view: (view.q1, view.q2))
    q1, q2 = w2 * q1 + biases, w2 * q2 + biases

    def contribution(view: Covariance) -> tuple[jax.Array, jax.Array | None]:
        return term(share(w2 * view.q1, q1), share(w2 * view.q2, q2), view.delta), view.ntk

    delta, ntk = total(contribution)
    if b2 is not None:
        delta = delta + term(share(b2, q1), share(b2, q2), 0)
    products = None if state.products is None else w2 * total(lambda view: view.products) + biases
    behind = state.replace(
        q1=q1, q2=q2, delta=clipped(delta), gaussian=True, wide=True, shared=False
    ).sloped(products)
    if state.bound is not None:
        behind = behind.replace(bound=_bound(state.bound, (q1, q2), w2, b2, base))
    if ntk is None:
        return behind
    return behind.replace(ntk=_own(state, behind, total, b2, base) + w2 * ntk)


def _own(
    state: Covariance,
    behind: Covariance,
    total: Total,
    b2: jax.Array | float | None,
    base: int | None,
) -> jax.Array | float:
    """What the layer's own parameters add to the tangent kernel."""
    if state.frozen:
        return 0.0
    if base is None:
        return behind.nngp
    return base * total(lambda view: view.nngp) + (0 if b2 is None else 1)


def _bound(
    bound: Bound,
    variances: tuple[jax.Array, jax.Array],
    w2: jax.Array | float,
    b2: jax.Array | float | None,
    base: int | None,
) -> Bound:
    biases = 0 if b2 is None else b2
    # The largest share of the variance that does not come from biases.
    part = jnp.maximum(*(jnp.max(1 - share(biases, q) ** 2, initial=0) for q in variances))
    if base is None:
        return bound.weighted(part)
    products = base / w2 * part
    ones = (
        0 if b2 is None else jnp.maximum(*(jnp.max(safe_ratio(1, q), initial=0) for q in variances))
    )
    return bound.weighted(part, Own(products * bound.k, products + ones))
