r"""The kernel of a level: all its steps, on the images of all displacements of pairs of images."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numba import cuda, float64, from_dtype, int32

from widelimit.gpu.places import Pair, Place, Ring, displacement, partner, row_of
from widelimit.gpu.starts import pooled as pooled_images
from widelimit.gpu.starts import products
from widelimit.gpu.steps import Sides, activate, convolve, step_of
from widelimit.native.steps import Kind

__all__ = ["DEPTH", "walk"]

DEPTH = 8
"""Images at once, at most: branches wait."""

_COPY, _SWAP, _ADD, _CONVOLVE, _PIECEWISE = map(
    int, (Kind.COPY, Kind.SWAP, Kind.ADD, Kind.CONVOLVE, Kind.PIECEWISE)
)


@functools.cache
def walk(dtype: str, *, pooled: bool) -> Any:
    """A kernel for blocks of as many threads as there are columns; block i does displacement i of (pairs, rows, columns).

    Its arguments:
        geometry: a `Geometry`.
        program, numbers: see `table_of`, and numbers of steps of this precision.
        pairs: which images, shape (pairs, 2).
        x1, x2: images, shape (images, height · width, channels); pooled, images that the level in front has kept, and
            the scale of the pooling, shape (1,).
        known1, known2: what is known of images, shape (images, known).
        kept: where images of this level go, shape (pairs, rows, columns, 2, bottom, right).
        sums: where sums over positions go, shape (pairs, rows, columns, 2).
    """
    start = (pooled_images if pooled else products)(dtype)
    convolved, activated, left = convolve(dtype), activate(dtype), _leave(dtype)
    number = from_dtype(np.dtype(dtype))

    @cuda.jit
    def level(
        geometry: Any, program: Any, numbers: Any, pairs: Any, x1: Any, x2: Any, known1: Any, known2: Any, kept: Any, sums: Any,
    ) -> None:  # fmt: skip
        x, slot, displacements = cuda.threadIdx.x, cuda.blockIdx.x, geometry.rows * geometry.columns
        i, slot = slot // displacements, slot % displacements
        pair = Pair(i, pairs[i, 0], pairs[i, 1])
        known = Sides(known1[pair.one], known2[pair.other])
        dy = displacement(slot // geometry.columns, geometry.rows, geometry.height)
        dx = displacement(slot % geometry.columns, geometry.columns, geometry.width)
        x_other = partner(x, dx, geometry.width)
        images = cuda.shared.array(0, number)
        begin, origin = cuda.local.array(DEPTH, int32), cuda.local.array(DEPTH, int32)
        for n in range(DEPTH):
            begin[n], origin[n] = 2 * geometry.plane * n, 0
        for y in range(geometry.height):
            place = Place(y, x, partner(y, dy, geometry.height), x_other)
            k, theta = start(x1, x2, pair, place, geometry)
            at = y * geometry.width + x
            images[at], images[at + geometry.plane] = k, theta
        cuda.syncthreads()
        top, height, width, s = 0, geometry.height, geometry.width, geometry.first
        while s < geometry.last:
            step, ring = step_of(program, numbers, s), Ring(begin[top], origin[top])
            if step.kind == _COPY:
                for n in range(x, 2 * geometry.plane, geometry.width):
                    images[begin[top + 1] + n] = images[ring.begin + n]
                top += 1
                origin[top] = ring.origin
            elif step.kind == _SWAP:
                begin[top], begin[top - 1] = begin[top - 1], ring.begin
                origin[top], origin[top - 1] = origin[top - 1], ring.origin
            elif step.kind == _ADD:
                top -= 1
                for y in range(height):
                    at = row_of(Ring(begin[top], origin[top]), y, geometry) + x
                    other = row_of(ring, y, geometry) + x
                    images[at] += images[other]
                    images[at + geometry.plane] += images[other + geometry.plane]
            elif step.kind == _CONVOLVE:
                after = step_of(program, numbers, min(s + 1, geometry.last - 1))
                joined = s + 1 < geometry.last and after.kind == _PIECEWISE
                column = x, x_other, dy
                convolved(images, ring, step, after, joined, (height, width), column, known, geometry)  # fmt: skip
                origin[top] = (ring.origin - geometry.shift) % geometry.slots
                s += 1 if joined else 0
            else:
                for y in range(height):
                    place = Place(y, x, partner(y, dy, geometry.height), x_other)
                    if place.y_other < height and x < width and x_other < width:
                        at = row_of(ring, y, geometry) + x
                        k, theta = images[at], images[at + geometry.plane]
                        k, theta = activated(k, theta, step, place, known)
                        images[at], images[at + geometry.plane] = k, theta
            cuda.syncthreads()
            height, width = step.height, step.width
            s += 1
        left(images, Ring(begin[top], origin[top]), (x, x_other, dy), i, slot, kept, sums, geometry)

    return level


def _leave(dtype: str) -> Any:
    """A device function for what leaves a level: images, or sums over positions that both images have."""
    zero = np.dtype(dtype).type(0)

    @cuda.jit(device=True)
    def leave(
        images: Any,
        ring: Any,
        column: Any,
        pair: Any,
        slot: Any,
        kept: Any,
        sums: Any,
        geometry: Any,
    ) -> None:
        (x, x_other, dy), k_sum, theta_sum = column, 0.0, 0.0
        row, column_slot = slot // geometry.columns, slot % geometry.columns
        for y in range(geometry.bottom):
            below = partner(y, dy, geometry.height) < geometry.bottom
            inside = below and x < geometry.right and x_other < geometry.right
            at = row_of(ring, y, geometry) + x
            k = images[at] if inside else zero
            theta = images[at + geometry.plane] if inside else zero
            if geometry.keeps and x < geometry.right:
                kept[pair, row, column_slot, 0, y, x] = k
                kept[pair, row, column_slot, 1, y, x] = theta
            k_sum += k
            theta_sum += theta
        if geometry.keeps:
            return
        cuda.syncthreads()
        shared = cuda.shared.array(0, float64)  # the same memory
        shared[2 * x], shared[2 * x + 1] = k_sum, theta_sum
        cuda.syncthreads()
        if x == 0:
            for n in range(1, geometry.width):
                k_sum += shared[2 * n]
                theta_sum += shared[2 * n + 1]
            sums[pair, row, column_slot, 0] = k_sum
            sums[pair, row, column_slot, 1] = theta_sum

    return leave
