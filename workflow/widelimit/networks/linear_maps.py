r"""Fixed matrices that act on the positions of a field, the same for all channels and samples.

:math:`z'(s) = \sum_r A(s, r)\, z(r)`, see `positions` for what becomes of the covariances.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.positions import map_positions

__all__ = ["Aggregate", "ImageResize"]


class _Matrices(Layer):
    """A layer with one matrix for each of some axes of positions."""

    def matrices(self, lengths: tuple[int, ...]) -> dict[int, jax.Array]:
        """By axis of positions, the matrices of shape (after, before) for axes of these lengths."""
        raise NotImplementedError

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        return _transform(x, tuple(range(1, x.ndim - 1)), self.matrices(x.shape[1:-1]))

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        matrices = self.matrices(mask.shape[1:])
        if any(len(matrix) != mask.shape[axis + 1] for axis, matrix in matrices.items()):
            raise ValueError(
                f"{type(self).__name__} got absent positions and makes new ones, of which nobody knows whether they "
                "are present: in a `Masked` network the positions behind must be those in front."
            )
        return mask

    def pairs_before(self, after: bool) -> bool:
        return True

    def propagate(self, state: Covariance) -> Covariance:
        matrices = self.matrices(tuple(state.delta.shape[axis] for axis in state.axes1))
        absolute = {axis: jnp.abs(matrix) for axis, matrix in matrices.items()}
        return map_positions(
            state,
            lambda x, axes: _transform(x, axes, matrices),
            lambda x, axes: _transform(x, axes, absolute),
        )


def _transform(x: jax.Array, axes: tuple[int, ...], matrices: dict[int, jax.Array]) -> jax.Array:
    for axis, matrix in matrices.items():
        of = axes[axis]
        x = jnp.moveaxis(
            jnp.tensordot(matrix.astype(x.dtype), x, (1, of), precision="highest"), 0, of
        )
    return x


@layer
class Aggregate(_Matrices):
    """Sums over neighbours: the positions along one axis are the nodes of a graph, the same for all samples.

    Args:
        matrix: weights A of shape (nodes behind, nodes in front): an adjacency matrix, a Laplacian, or any
            other constant matrix.
        axis: which axis of positions.
    """

    matrix: jax.Array = hyper()
    axis: int = 0

    def matrices(self, lengths: tuple[int, ...]) -> dict[int, jax.Array]:
        matrix = jnp.asarray(self.matrix)
        if not -len(lengths) <= self.axis < len(lengths) or matrix.shape[1] != lengths[self.axis]:
            raise ValueError(
                f"Aggregate over axis {self.axis} with a matrix of shape {matrix.shape} got positions of shape "
                f"{lengths}; that axis must have as many positions as the matrix has columns."
            )
        return {self.axis: matrix}


@layer
class ImageResize(_Matrices):
    """Resizing of images, as `jax.image.resize` does it.

    Args:
        shape: the new numbers of positions.
        method: "nearest", "linear", "cubic", "lanczos3" or "lanczos5".
        antialias: whether to smooth before an image is made smaller.
    """

    shape: tuple[int, ...]
    method: str = "linear"
    antialias: bool = True

    def __post_init__(self) -> None:
        if any(length < 1 for length in self.shape):
            raise ValueError(
                f"ImageResize got shape {self.shape}, expected the new numbers of positions along each axis, without "
                "samples and channels."
            )

    def matrices(self, lengths: tuple[int, ...]) -> dict[int, jax.Array]:
        if len(lengths) != len(self.shape):
            raise ValueError(f"ImageResize to {self.shape} got positions of shape {lengths}.")
        return {
            axis: self._matrix(*sizes)
            for axis, sizes in enumerate(zip(lengths, self.shape, strict=True))
        }

    def _matrix(self, before: int, after: int) -> Any:
        eye = jnp.eye(before)
        return jax.image.resize(eye, (after, before), self.method, antialias=self.antialias)
