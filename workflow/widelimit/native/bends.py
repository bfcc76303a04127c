r"""What Numba compiles of activations: the dual of z ↦ a min(z, 0) + b max(z, 0), by the formulas of ``image_rows.hpp``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from widelimit.native.steps import Kind, tables

__all__ = ["ANGLE", "REMAINDER", "bend", "coefficients", "knows"]

ANGLE, REMAINDER = range(2)
"""Rows of `tables`."""

_KINDS = frozenset(
    {Kind.DENSE, Kind.PIECEWISE, Kind.CONVOLVE, Kind.COPY, Kind.SWAP, Kind.ADD, Kind.POOL}
)


def knows(kinds: np.ndarray) -> bool:
    """Whether all activations of a program are such ones (for ``kinds`` see ``_engine.pyi``)."""
    return _KINDS.issuperset(int(kind) for kind in kinds[:, 0])


def coefficients(dtype: str, row: int) -> np.ndarray:
    """Those of a polynomial of `tables` in 2u - 1 (see `interpolation`), the highest power first, without zeros in front."""
    found = tables(dtype)[row]
    return found[np.flatnonzero(found)[0] :]


def bend(dtype: str, angle: Any, remainder: Any, compiled: Callable[[Callable], Any]) -> Any:
    """A function (k, 1/√(q q'), √(r r'), a, b) ↦ second moment behind, and slopes.

    Args:
        dtype: of all numbers.
        angle, remainder: compiled functions for the polynomials of these names (see `tables`).
        compiled: what compiles it.
    """
    real = np.dtype(dtype).type
    zero, half, one, rounding = real(0), real(0.5), real(1), real(16 * np.finfo(dtype).eps)

    def bent(k: Any, inverse: Any, behind: Any, a: Any, b: Any) -> Any:
        gain, step, slope = half * (a * a + b * b), half * (b - a) * (b - a), a * b
        part = step / gain if gain > zero else zero
        c = k * inverse
        u = one - abs(c)
        if u < rounding:  # it is one but for rounding, which would add to that of the next layer
            u = zero
        s = math.sqrt(u)
        share, rest = s * angle(u), u * s * remainder(u)
        if c > zero:
            return behind * (one - u + part * rest), slope + step * (one - share)
        return behind * ((one - part) * (u - one) + part * rest), slope + step * share

    return compiled(bent)
