"""Layers that are not trained."""

from __future__ import annotations

from typing import Any

import jax

from widelimit.networks.covariance import is_field
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.masked import propagated
from widelimit.networks.wrapper import Wrapper

__all__ = ["Frozen"]


@layer
class Frozen(Wrapper):
    r"""A layer, or several in a `Serial`, whose parameters stay as they were drawn.

    Its covariances are those of the layer; to the tangent kernel its own parameters add nothing, while what
    comes from the layers in front passes through. Arora et al. 2019 train all layers but the first and the last.

    Args:
        inner: the layer.
    """

    inner: Layer = hyper()

    def apply(
        self, params: Params, x: Any, *, key: jax.Array | None = None, train: bool = False
    ) -> Any:
        return self.inner.apply(jax.lax.stop_gradient(params), x, key=key, train=train)

    def apply_masked(
        self,
        params: Params,
        x: Any,
        mask: Any,
        *,
        key: jax.Array | None = None,
        train: bool = False,
    ) -> Any:
        return self.inner.apply_masked(jax.lax.stop_gradient(params), x, mask, key=key, train=train)

    def propagate(self, state: Any) -> Any:
        frozen = jax.tree.leaves(state, is_leaf=is_field)[0].frozen
        return _marked(propagated(self.inner, _marked(state, True)), frozen)


def _marked(state: Any, frozen: bool) -> Any:
    """The state of a field, or those of its branches, with the mark."""
    return jax.tree.map(lambda field: field.replace(frozen=frozen), state, is_leaf=is_field)
