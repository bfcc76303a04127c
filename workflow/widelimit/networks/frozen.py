"""Layers that are not trained."""

from __future__ import annotations

from typing import Any

import jax

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, hyper, layer

__all__ = ["Frozen"]


@layer
class Frozen(Layer):
    r"""A layer, or several in a `Serial`, whose parameters stay as they were drawn.

    Its covariances are those of the layer; to the tangent kernel its own parameters add nothing, while what
    comes from the layers in front passes through. Arora et al. 2019 train all layers but the first and the last.

    Args:
        inner: the layer.
    """

    inner: Layer = hyper()

    @property
    def hyper(self) -> Any:
        return self.inner.hyper

    def replace_hyper(self, hyper: Any) -> Frozen:
        return Frozen(self.inner.replace_hyper(hyper))

    def init(self, key: jax.Array, input_shape: Any) -> Params:
        return self.inner.init(key, input_shape)

    def apply(
        self, params: Params, x: Any, *, key: jax.Array | None = None, train: bool = False
    ) -> Any:
        return self.inner.apply(jax.lax.stop_gradient(params), x, key=key, train=train)

    @property
    def couples_samples(self) -> bool:
        return self.inner.couples_samples

    def pairs_before(self, after: bool) -> bool:
        return self.inner.pairs_before(after)

    def propagate(self, state: Any) -> Any:
        frozen = jax.tree.leaves(state, is_leaf=_is_field)[0].frozen
        return _marked(self.inner.propagate(_marked(state, True)), frozen)


def _is_field(x: Any) -> bool:
    return isinstance(x, Covariance)


def _marked(state: Any, frozen: bool) -> Any:
    """The state of a field, or those of its branches, with the mark."""
    return jax.tree.map(lambda field: field.replace(frozen=frozen), state, is_leaf=_is_field)
