"""Checks of what `compute` is asked for, before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from widelimit.kernels.function import Kernels
from widelimit.kernels.sides import Side

__all__ = ["checked_batch", "checked_names", "checked_sides", "checked_tile"]


def checked_names(get: str | Sequence[str]) -> tuple[str, ...]:
    """The kernels asked for, in the order of `Kernels`."""
    asked = {get} if isinstance(get, str) else set(get)
    if not asked or asked - set(Kernels._fields):
        raise ValueError(f"get is {get!r}, expected 'nngp', 'ntk', or a tuple of them.")
    return tuple(name for name in Kernels._fields if name in asked)


def checked_tile(tile: int | tuple[int, int] | None, symmetric: bool) -> tuple[int, int] | None:
    """Rows and columns of the largest tile, or None."""
    if tile is None:
        return None
    rows, columns = tile if isinstance(tile, tuple) else (tile, tile)
    if min(rows, columns) < 1:
        raise ValueError(f"tile is {tile}, expected at least 1 row and 1 column.")
    if symmetric and rows != columns:
        raise ValueError(f"tile is {tile}; without x2 tiles are square: give one number.")
    return rows, columns


def checked_batch(
    n: int, x2: Side | None, tile: tuple[int, int] | None, *, diagonal: bool
) -> tuple[int, int]:
    """The one tile of a network that couples its ``n`` samples."""
    given = {
        "x2 is given": x2 is not None,
        "diagonal is True": diagonal,
        f"tile is {tile} for {n} samples": tile is not None and min(tile) < n,
    }
    for what, refused in given.items():
        if refused:
            raise ValueError(
                f"{what}, but the network couples the samples of a batch (BatchNormRelu): its kernel is that of "
                "one whole batch with itself. Put all samples into x1, without x2, diagonal and tile, and take "
                "the entries needed from the result."
            )
    return max(n, 1), max(n, 1)


def checked_sides(
    x1: Any, x2: Any, dtype: str, mask_constant: float | None = None
) -> tuple[Side, Side | None]:
    """Both inputs, to be read in the precision asked for; arguments as in `Side`."""
    first = Side("x1", x1, dtype, mask_constant)
    if x2 is None:
        return first, None
    second = Side("x2", x2, dtype, mask_constant)
    if first.shape != second.shape:
        raise ValueError(
            f"inputs of x1 have shape {first.shape} and those of x2 {second.shape}; both must "
            "have the same."
        )
    return first, second
