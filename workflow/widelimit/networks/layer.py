"""What every layer is: a frozen pytree whose structure is static and whose hyper-parameters are leaves.

A layer states two meanings side by side:

- the finite network, ``init(key, input_shape)`` and ``apply(params, x)``;
- the infinite one, ``propagate(state)``: how NNGP and NTK covariances pass through it.

Because a layer is a pytree, ``jax.jit`` compiles once for each *structure*; the hyper-parameters
(``w_std``, ``b_std``, parameters of activations) are traced, so they can be differentiated.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar, dataclass_transform

import jax

from widelimit.networks.covariance import ORDER, Covariance
from widelimit.networks.inputs import Inputs
from widelimit.networks.masks import emptied

__all__ = ["Layer", "hyper", "layer"]

Params = Any
"""A pytree of parameter arrays, as ``Layer.init`` returns it."""

_Class = TypeVar("_Class", bound=type)


def hyper(default: Any = dataclasses.MISSING) -> Any:
    """Declare a field of a layer that is a hyper-parameter: a traced, differentiable leaf."""
    return dataclasses.field(default=default, metadata={"hyper": True})


@dataclass_transform(frozen_default=True, field_specifiers=(hyper,))
def layer(cls: _Class) -> _Class:
    """Turn a class into a layer: a frozen dataclass that JAX knows as a pytree.

    Fields made with `hyper` are leaves; all other fields are structure and must be hashable.
    """
    dataclasses.dataclass(frozen=True, init="__init__" not in cls.__dict__)(cls)
    names = [(f.name, bool(f.metadata.get("hyper"))) for f in dataclasses.fields(cls)]
    leaves = tuple(name for name, is_leaf in names if is_leaf)
    static = tuple(name for name, is_leaf in names if not is_leaf)

    def flatten_with_keys(self):
        children = tuple((jax.tree_util.GetAttrKey(n), getattr(self, n)) for n in leaves)
        return children, tuple(getattr(self, n) for n in static)

    def unflatten(structure, children):
        self = object.__new__(cls)
        # Not through __init__: JAX unflattens with placeholders that would not pass its checks.
        for name, value in zip(leaves + static, tuple(children) + tuple(structure), strict=True):
            object.__setattr__(self, name, value)
        return self

    jax.tree_util.register_pytree_with_keys(cls, flatten_with_keys, unflatten)
    return cls


class Layer:
    """The contract of a layer; see the module's docstring."""

    @property
    def hyper(self) -> Any:
        """Hyper-parameters as a pytree: ``{name: value}`` for one layer, nested for layers of layers."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        values = {f.name: getattr(self, f.name) for f in fields if f.metadata.get("hyper")}
        return {n: v.hyper if isinstance(v, Layer) else v for n, v in values.items()}

    def replace_hyper(self, hyper: Any) -> Layer:
        """The same structure with other hyper-parameters, given in the form of `hyper`."""
        if hyper.keys() != self.hyper.keys():
            raise ValueError(
                f"{type(self).__name__}.replace_hyper got {sorted(hyper)}, "
                f"expected {sorted(self.hyper)}: change the values of `net.hyper`, not its keys."
            )
        held = {name: getattr(self, name) for name in hyper}
        changes = {
            name: held[name].replace_hyper(value) if isinstance(held[name], Layer) else value
            for name, value in hyper.items()
        }
        return dataclasses.replace(self, **changes) if changes else self  # type: ignore[type-var]

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        """Draw the parameters for inputs of ``input_shape`` (without the sample axis)."""
        raise NotImplementedError

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        """Evaluate the finite layer on a batch ``x`` of shape (n, *input_shape)."""
        raise NotImplementedError

    def propagate(self, state: Covariance) -> Covariance:
        """Pass the covariances of the infinitely wide field through this layer."""
        raise NotImplementedError

    def inputs_of(self, x: Any) -> Any:
        """Raw inputs as this network reads them, a pytree of arrays with the axis of samples first."""
        return Inputs.of(x)

    def state_of(
        self, first: Any, second: Any, *, pairs: bool = False, order: int = ORDER
    ) -> Covariance:
        """The state in front of this network, from two `inputs_of`; arguments as in `Covariance.between`."""
        return Covariance.between(first, second, pairs=pairs, order=order)

    @property
    def couples_samples(self) -> bool:
        """Whether what a sample becomes depends on the other samples of its batch."""
        return False

    def apply_masked(
        self,
        params: Params,
        x: Any,
        mask: Any,
        *,
        key: jax.Array | None = None,
        train: bool = False,
    ) -> Any:
        """`apply` where some positions are absent: ``x`` is zero there, and so is what is returned.

        Args:
            params, x, key, train: as in `apply`.
            mask: which are absent in front of the layer, see `masks`.
        """
        return emptied(self.apply(params, x, key=key, train=train), self.mask_behind(mask))

    def mask_behind(self, mask: Any) -> Any:
        """Which positions are absent behind this layer, from those that are in front of it, see `masks`."""
        raise ValueError(
            f"{type(self).__name__} does not say what becomes of absent positions, so that it cannot stand in a "
            "`Masked` network: define its `mask_behind`, or leave the layer out."
        )

    def pairs_before(self, after: bool) -> bool:
        """Whether covariances between different positions are needed in front of this layer.

        Args:
            after: whether they are needed behind it.
        """
        return after
