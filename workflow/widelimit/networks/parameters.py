"""Hyper-parameters of a network as one flat list with names, for libraries that know no pytrees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from widelimit.networks.layer import Layer

__all__ = ["named_hyper", "with_hyper"]

_Net = TypeVar("_Net", bound=Layer)


def named_hyper(net: Layer) -> dict[str, Any]:
    """All hyper-parameters by the place where they stand, in the order of the layers.

    ``net.hyper[0]["w_std"]`` is called ``0__w_std``; with branches there is one number for each level,
    as in ``1__0__2__w_std``. Biases that a layer does not have (``b_std=None``) are left out, and so are
    arrays, such as the matrix of `Aggregate`.
    """
    return {name: leaf for name, leaf in _leaves(net).items() if jnp.ndim(leaf) == 0}


def with_hyper(net: _Net, values: Mapping[str, Any]) -> _Net:
    """The same structure with some hyper-parameters changed, by the names of `named_hyper`.

    Raises:
        ValueError: there is no hyper-parameter of that name.
    """
    known = named_hyper(net)
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueError(
            f"the network has no hyper-parameter {unknown}, expected some of {list(known)}."
        )
    leaves = [values.get(name, leaf) for name, leaf in _leaves(net).items()]
    return jax.tree.unflatten(jax.tree.structure(net), leaves)


def _leaves(net: Layer) -> dict[str, Any]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(net)
    return {"__".join(_steps(path)): leaf for path, leaf in leaves}


def _steps(path: tuple[Any, ...]) -> list[str]:
    """Numbers of the layers, then the name of the field; that of the tuple of layers says nothing."""
    steps = (str(getattr(key, "name", getattr(key, "idx", key))) for key in path)
    return [step for step in steps if step != "layers"]
