"""Shapes of arrays in the place of arrays, so that what is traced for them can be remembered."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["Shapes"]


class Shapes(NamedTuple):
    """Structure, shapes and types of a tree of arrays; two of them are equal if the same program fits both.

    Attributes:
        structure: of the tree.
        leaves: shape and type of each of its leaves.
    """

    structure: Any
    leaves: tuple[tuple[tuple[int, ...], Any], ...]

    @classmethod
    def of(cls, tree: Any) -> Shapes:
        """Those of a tree of arrays and numbers."""
        leaves, structure = jax.tree.flatten(tree)
        return cls(structure, tuple((np.shape(x), jnp.result_type(x)) for x in leaves))

    @property
    def tree(self) -> Any:
        """A tree of shapes, to be traced."""
        return jax.tree.unflatten(self.structure, [jax.ShapeDtypeStruct(*x) for x in self.leaves])
