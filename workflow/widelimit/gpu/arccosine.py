r"""The dual of z ↦ a min(z, 0) + b max(z, 0) on a device, by the formulas of ``native/image_rows.hpp``."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numba import cuda

from widelimit.native.steps import tables

__all__ = ["bend", "polynomial"]

_ANGLE, _REMAINDER = range(2)
"""Rows of `tables`."""


@functools.cache
def polynomial(dtype: str, row: int) -> Any:
    """A device function u ↦ p(u), for a polynomial of `tables`."""
    found = tables(dtype)[row]
    coefficients = found[np.flatnonzero(found)[0] :]
    real = np.dtype(dtype).type
    leading, one, two, terms = coefficients[0], real(1), real(2), len(coefficients)

    @cuda.jit(device=True)
    def value(u: Any) -> Any:
        constants = cuda.const.array_like(coefficients)
        p, t = leading, two * u - one  # see `interpolation`
        for k in range(1, terms):
            p = p * t + constants[k]
        return p

    return value


@functools.cache
def bend(dtype: str) -> Any:
    """A device function (k, 1/√(q q'), √(r r'), a, b) ↦ second moment behind, and slopes."""
    angle, remainder = polynomial(dtype, _ANGLE), polynomial(dtype, _REMAINDER)
    real = np.dtype(dtype).type
    zero, half, one, rounding = real(0), real(0.5), real(1), real(16 * np.finfo(dtype).eps)

    @cuda.jit(device=True)
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

    return bent
