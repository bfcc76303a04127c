"""Networks whose inputs have absent positions (see `masks`)."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np

from widelimit.networks.covariance import ORDER, Covariance, is_field
from widelimit.networks.inputs import as_array
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.masks import absent, emptied
from widelimit.networks.wrapper import Wrapper, apart, holds

__all__ = ["Masked", "mask_constant", "propagated"]


@layer
class Masked(Wrapper):
    """A network for inputs in which positions are absent: those whose channels all hold one constant.

    It stands around the whole network. All layers treat absent positions as those beyond the edge of an image,
    so that padded sequences have the kernels, and the outputs, of the sequences alone; `masks` says what else.
    A vector without positions is absent as a whole, and its outputs are zero.

    Args:
        inner: the network. Layers that do not say what becomes of absent positions are refused.
        constant: what marks them, such as 0, -1 or NaN.
    """

    inner: Layer = hyper()
    constant: float

    def __init__(self, inner: Layer, constant: float):
        if holds(inner, Masked):
            raise ValueError(
                "Masked got a network with another Masked inside, but it stands around the whole network, once: "
                "mark all absent positions with one constant."
            )
        # One object for NaN, which is not equal to itself: networks are compared by what they hold.
        known = math.nan if math.isnan(constant) else float(constant)
        if not math.isnan(known) and float(np.float32(known)) != known:
            raise ValueError(
                f"constant is {constant}, which is not the same number in float32 and float64, so that inputs may "
                "miss it: mark absent positions with one that is, such as 0, -1, 1000 or NaN."
            )
        object.__setattr__(self, "inner", inner)
        object.__setattr__(self, "constant", known)

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        mask = absent(x, self.constant)
        return self.inner.apply_masked(params, emptied(x, mask), mask, key=key, train=train)

    def inputs_of(self, x: Any) -> tuple[Any, Any]:
        x = as_array(x)
        mask = absent(x, self.constant)
        return self.inner.inputs_of(emptied(x, mask)), mask

    def state_of(
        self, first: Any, second: Any, *, pairs: bool = False, order: int = ORDER
    ) -> Covariance:
        inner, masks = apart(first, second)
        return self.inner.state_of(*inner, pairs=pairs, order=order).emptied(*masks)

    def propagate(self, state: Covariance) -> Covariance:
        if state.mask is None:
            raise ValueError(
                "Masked got a state without a mask, expected that of raw inputs: it stands around the whole "
                "network, as in `kernels.compute(Masked(net, constant), x)`."
            )
        return propagated(self.inner, state)


def mask_constant(net: Layer) -> float | None:
    """What marks absent positions in the inputs of a network; None if nothing does."""
    while isinstance(net, Wrapper) and not isinstance(net, Masked):
        net = net.inner
    return net.constant if isinstance(net, Masked) else None


def propagated(part: Layer, state: Any) -> Any:
    """The state, or those of branches, behind a layer; what is absent in front of it is zero behind it too."""
    behind = part.propagate(state)
    if jax.tree.leaves(state, is_leaf=is_field)[0].mask is None:
        return behind
    masks = (part.mask_behind(_masks(state, i)) for i in (0, 1))
    return jax.tree.map(Covariance.emptied, behind, *masks, is_leaf=is_field)


def _masks(state: Any, i: int) -> Any:
    """The mask of x1 or of x2, or those of branches."""
    return jax.tree.map(lambda field: field.mask[i], state, is_leaf=is_field)
