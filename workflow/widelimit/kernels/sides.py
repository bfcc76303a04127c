"""One side of a kernel: samples that are read window by window, so that those on disk need no memory."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import jax
import numpy as np

from widelimit.networks import Layer
from widelimit.networks.masks import absent
from widelimit.precision import precision

__all__ = ["Rows", "Side", "Windows", "windows"]

_BLOCK = 16 * 2**20
"""Bytes of samples that are looked at together."""

_REMEMBERED = 256 * 2**20
"""Bytes of windows that are kept, as every window is met again and again."""


class Rows(Protocol):
    """An array of which slices along the first axis are read: of NumPy, `xarray.DataArray`, or a file of HDF5."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape, samples first."""

    @property
    def dtype(self) -> np.dtype:
        """Type of the entries."""

    def __getitem__(self, part: slice, /) -> Any:
        """Samples of a slice."""


class Side:
    """Samples on one side of a kernel, in its precision, checked.

    Args:
        name: of the argument, for errors.
        x: an array, or `Rows`.
        dtype: "float64" or "float32", the precision in which they are read.
        mask_constant: what stands at positions that are absent; it may be anything, also NaN.

    Raises:
        ValueError: they are not finite real numbers, or have no axis of features.
    """

    def __init__(self, name: str, x: Any, dtype: str, mask_constant: float | None = None) -> None:
        self.rows, self.dtype = _rows(x), dtype
        if self.rows.dtype.kind not in "biuf":
            raise ValueError(
                f"{name} has dtype {self.rows.dtype}, expected real numbers: convert it first."
            )
        if len(self.rows.shape) < 2:
            raise ValueError(
                f"{name} has shape {self.rows.shape}, expected (samples, features) or, for images, "
                "(samples, height, width, channels): a single input needs an axis of length 1."
            )
        bad = sum(_count_bad(block, mask_constant) for block in self._blocks())
        if bad:
            raise ValueError(
                f"{name} has {bad} entries that are NaN or infinite; kernels need finite inputs: "
                "drop or impute those samples."
            )

    def __len__(self) -> int:
        return self.rows.shape[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.rows.shape[1:])

    @property
    def bytes(self) -> int:
        """Size of one sample."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    def read(self, part: slice) -> np.ndarray:
        """Some of them, as a view where that is possible."""
        return np.ascontiguousarray(self.rows[part], self.dtype)

    def sha256(self) -> str:
        """SHA-256 of all of them."""
        digest = hashlib.sha256()
        for block in self._blocks():
            digest.update(block.data)
        return digest.hexdigest()

    def _blocks(self) -> Iterator[np.ndarray]:
        most = max(1, _BLOCK // max(1, self.bytes))
        return (self.read(slice(i, i + most)) for i in range(0, len(self), most))


Windows = Callable[[slice, int], Any]
"""``size`` samples as a network reads them, from the first of a slice on: what is behind it, or copies of the last one."""


def windows(net: Layer, side: Side, tile: int) -> Windows:
    """Windows of a side, of about ``tile`` each; those met last are remembered."""
    many = max(2, _REMEMBERED // max(1, _known_bytes(net, side) * tile))

    @functools.lru_cache(many)
    def window(start: int, size: int) -> Any:
        return jax.tree.map(np.asarray, net.inputs_of(_padded(side, start, size)))

    return lambda part, size: window(part.start, size)


def _known_bytes(net: Layer, side: Side) -> int:
    """Size of a sample with all that is known of it, which for images of one channel is several times their own."""
    with precision(side.dtype):
        one = jax.eval_shape(net.inputs_of, jax.ShapeDtypeStruct((1, *side.shape), side.dtype))
    return sum(math.prod(leaf.shape) * leaf.dtype.itemsize for leaf in jax.tree.leaves(one))


def _padded(side: Side, start: int, size: int) -> np.ndarray:
    found = side.read(slice(start, start + size))
    rest = size - len(found)
    return np.concatenate([found, np.repeat(found[-1:], rest, axis=0)]) if rest else found


def _rows(x: Any) -> Rows:
    lazy = not isinstance(x, np.ndarray | jax.Array) and hasattr(x, "__getitem__")
    if lazy and hasattr(x, "shape") and isinstance(getattr(x, "dtype", None), np.dtype):
        return x
    return np.asarray(x)


def _count_bad(block: np.ndarray, mask_constant: float | None) -> int:
    good = np.isfinite(block)
    if mask_constant is not None:
        good |= absent(block, mask_constant)[..., None]
    return block.size - int(np.count_nonzero(good))
