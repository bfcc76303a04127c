r"""The dual of piecewise linear activations on a device."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numba import cuda

from widelimit.native import bends
from widelimit.native.bends import ANGLE, REMAINDER, coefficients

__all__ = ["bend", "polynomial"]


@functools.cache
def polynomial(dtype: str, row: int) -> Any:
    """A device function u ↦ p(u), for a polynomial of `tables`."""
    found = coefficients(dtype, row)
    real = np.dtype(dtype).type
    leading, one, two, terms = found[0], real(1), real(2), len(found)

    @cuda.jit(device=True)
    def value(u: Any) -> Any:
        constants = cuda.const.array_like(found)
        p, t = leading, two * u - one
        for k in range(1, terms):
            p = p * t + constants[k]
        return p

    return value


@functools.cache
def bend(dtype: str) -> Any:
    """A device function, see `bends.bend`."""
    angle, remainder = (polynomial(dtype, row) for row in (ANGLE, REMAINDER))
    return bends.bend(dtype, angle, remainder, cuda.jit(device=True))
