"""What stands in the images of a level before its first step."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numba import cuda

from widelimit.gpu.places import slot_of

__all__ = ["pooled", "products"]


@functools.cache
def products(dtype: str) -> Any:
    """A device function for second moments of raw inputs; their tangent kernel is zero."""
    real = np.dtype(dtype).type
    zero = real(0)

    @cuda.jit(device=True)
    def product(x1: Any, x2: Any, pair: Any, place: Any, geometry: Any) -> Any:
        first = place.y * geometry.width + place.x
        second = place.y_other * geometry.width + place.x_other
        total = zero
        for c in range(x1.shape[2]):
            total += x1[pair.one, first, c] * x2[pair.other, second, c]
        return total / real(x1.shape[2]), zero

    return product


@functools.cache
def pooled(dtype: str) -> Any:
    """A device function for sums over 2 × 2 positions of both images, from those of the level in front.

    Beyond reach they are zero: nothing that is needed depends on these.
    """
    zero = np.dtype(dtype).type(0)

    @cuda.jit(device=True)
    def sums(images: Any, scale: Any, pair: Any, place: Any, geometry: Any) -> Any:
        k, theta, rows, columns = zero, zero, images.shape[1], images.shape[2]
        far_y = _is_far(place.y_other - place.y, geometry.rows, geometry.height)
        if far_y or _is_far(place.x_other - place.x, geometry.columns, geometry.width):
            return k, theta
        for i in range(4):
            y, y_other = 2 * place.y + i // 2, 2 * place.y_other + i % 2
            row = slot_of(y_other - y, rows, geometry.front_height)
            for j in range(4):
                x, x_other = 2 * place.x + j // 2, 2 * place.x_other + j % 2
                column = slot_of(x_other - x, columns, geometry.front_width)
                k += images[pair.number, row, column, 0, y, x]
                theta += images[pair.number, row, column, 1, y, x]
        return scale[0] * k, scale[0] * theta

    return sums


@cuda.jit(device=True)
def _is_far(apart: Any, count: Any, size: Any) -> Any:
    return count < size and abs(apart) > (count - 1) // 2
