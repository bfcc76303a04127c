"""Layers that stand around another one."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import jax

from widelimit.networks.layer import Layer, Params

__all__ = ["Wrapper"]

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

    @property
    def couples_samples(self) -> bool:
        return self.inner.couples_samples

    def pairs_before(self, after: bool) -> bool:
        return self.inner.pairs_before(after)
