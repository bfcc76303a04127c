"""Layers that stand around another one."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import jax

from widelimit.networks.covariance import ORDER, Covariance
from widelimit.networks.layer import Layer, Params

__all__ = ["Wrapper", "apart", "holds"]

_Self = TypeVar("_Self", bound="Wrapper")


class Wrapper(Layer):
    """A layer around ``inner``, whose parameters and hyper-parameters are its own."""

    inner: Layer

    @property
    def hyper(self) -> Any:
        return self.inner.hyper

    def replace_hyper(self: _Self, hyper: Any) -> _Self:
        return dataclasses.replace(self, inner=self.inner.replace_hyper(hyper))  # type: ignore[type-var]

    def init(self, key: jax.Array, input_shape: Any) -> Params:
        return self.inner.init(key, input_shape)

    def inputs_of(self, x: Any) -> Any:
        return self.inner.inputs_of(x)

    def state_of(
        self, first: Any, second: Any, *, pairs: bool = False, order: int = ORDER
    ) -> Covariance:
        return self.inner.state_of(first, second, pairs=pairs, order=order)

    @property
    def couples_samples(self) -> bool:
        return self.inner.couples_samples

    def mask_behind(self, mask: Any) -> Any:
        return self.inner.mask_behind(mask)

    def pairs_before(self, after: bool) -> bool:
        return self.inner.pairs_before(after)


def holds(net: Layer, kind: type[Layer]) -> bool:
    """Whether a network is a layer of this kind or has one anywhere inside."""

    def found(part: Any) -> bool:
        return isinstance(part, kind)

    return any(map(found, jax.tree.leaves(net, is_leaf=found)))


def apart(first: Any, second: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Of pairs of inner inputs and what else is known of them, both inner ones, and both others.

    Without a second the inner one is None, too, and the other that of the first.
    """
    inner, other = first
    if second is None:
        return (inner, None), (other, other)
    return (inner, second[0]), (other, second[1])
