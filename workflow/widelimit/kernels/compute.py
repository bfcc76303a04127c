"""Kernels over data sets: tile by tile, in bounded memory, NumPy in and NumPy out."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
from tqdm import tqdm

from widelimit.kernels.evaluate import evaluate
from widelimit.kernels.function import Kernels
from widelimit.networks import Layer
from widelimit.precision import precision

__all__ = ["compute"]

_SMALL = 64
"""Rows of a small tile."""


def compute(
    net: Layer,
    x1: np.ndarray,
    x2: np.ndarray | None = None,
    *,
    dtype: str = "float64",
    tile: int = 512,
    tolerance: float = 1e-6,
    progress: bool = False,
) -> Kernels[np.ndarray]:
    """NNGP and NTK of an infinitely wide network between all pairs of inputs.

    Args:
        net: the network.
        x1: inputs, shape (n1, d).
        x2: inputs, shape (n2, d); None means ``x1``, and then only the upper triangle is computed
            and mirrored, so that both kernels are symmetric to the bit.
        dtype: "float64" or "float32", the precision of the computation and of the result.
        tile: largest number of rows and columns computed at once; it bounds the working memory.
        tolerance: largest error of an entry, relative to the scale of the second moments of its two inputs;
            Hermite series are as long as that takes (see `evaluate`), closed forms are exact to rounding.
        progress: show a bar over the tiles.

    Returns:
        ``Kernels`` of two NumPy arrays of shape (n1, n2).
    """
    if tile < 1:
        raise ValueError(f"tile is {tile}, expected at least 1.")
    symmetric = x2 is None
    rows = _inputs("x1", x1, dtype)
    columns = rows if x2 is None else _inputs("x2", x2, dtype)
    shape = (len(rows), len(columns))
    out = Kernels(np.empty(shape, dtype), np.empty(shape, dtype))
    tiles = list(_tiles(len(rows), len(columns), tile, symmetric))
    with precision(dtype):
        for row, column in tqdm(tiles, "kernel tiles", disable=not progress, mininterval=2):
            part = evaluate(
                net, _padded(rows[row], tile), _padded(columns[column], tile), tolerance=tolerance
            )
            for whole, block in zip(out, part, strict=True):
                block = np.asarray(block)[: row.stop - row.start, : column.stop - column.start]
                _store(whole, block, row, column, symmetric)
    return out


def _inputs(name: str, x: np.ndarray, dtype: str) -> np.ndarray:
    x = np.asarray(x, dtype)
    bad = np.count_nonzero(~np.isfinite(x))
    if bad:
        raise ValueError(
            f"{name} has {bad} entries that are NaN or infinite; kernels need finite inputs: "
            "drop or impute those samples."
        )
    return x


def _tiles(n1: int, n2: int, tile: int, symmetric: bool) -> Iterator[tuple[slice, slice]]:
    for i in range(0, n1, tile):
        for j in range(i if symmetric else 0, n2, tile):
            yield slice(i, min(i + tile, n1)), slice(j, min(j + tile, n2))


def _padded(x: np.ndarray, tile: int) -> jax.Array:
    """Repeat the last row up to a whole tile or a small one, so that few shapes are ever compiled."""
    size = tile if len(x) > _SMALL else min(_SMALL, tile)
    return jnp.asarray(np.pad(x, [(0, size - len(x))] + [(0, 0)] * (x.ndim - 1), mode="edge"))


def _store(
    whole: np.ndarray, block: np.ndarray, row: slice, column: slice, symmetric: bool
) -> None:
    if symmetric and row == column:
        block = np.triu(block) + np.triu(block, 1).T
    whole[row, column] = block
    if symmetric and row != column:
        whole[column, row] = block.T
