r"""Steps on the image of one displacement, which a block of threads holds in shared memory, a thread for each column.

Second moments have a ring of rows for each image, and tangent kernels another behind it. A convolution writes some rows
above where it reads, over rows that no window sees any more. Windows of three rows read each number once: a thread adds
it up with those of its neighbours, and remembers sums of two rows.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from numba import cuda

from widelimit.gpu.arccosine import bend
from widelimit.gpu.places import Place, Ring, partner, row_of
from widelimit.native.steps import Kind

__all__ = ["Sides", "activate", "convolve", "step_of"]

_PIECEWISE = int(Kind.PIECEWISE)


class Step(NamedTuple):
    """A step: its numbers, its window and the first row and column of it, size behind, and where what is known begins."""

    kind: Any
    known: Any
    rows: Any
    columns: Any
    top: Any
    left: Any
    height: Any
    width: Any
    a: Any
    b: Any
    c: Any


class Sides(NamedTuple):
    """What is known of both images."""

    one: Any
    other: Any


class Window(NamedTuple):
    """Columns of a window that both images have, from the first to before the last, and where its columns start."""

    start: Any
    first: Any
    last: Any


@cuda.jit(device=True)
def step_of(program: Any, numbers: Any, s: Any) -> Any:
    """A step of a program (see `table_of`)."""
    row, number = program[s], numbers[s]
    return Step(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7],
        number[0], number[1], number[2],
    )  # fmt: skip


@functools.cache
def activate(dtype: str) -> Any:
    """A device function for a step that takes positions one by one: a dense layer, or an activation."""
    bent = bend(dtype)

    @cuda.jit(device=True)
    def activated(k: Any, theta: Any, step: Any, place: Any, known: Any) -> Any:
        if step.kind != _PIECEWISE:
            behind = step.a * k + step.b
            return behind, step.c * behind + step.a * theta
        plane = step.height * step.width
        first = step.known + place.y * step.width + place.x
        second = step.known + place.y_other * step.width + place.x_other
        inverse = known.one[first] * known.other[second]
        root = known.one[first + plane] * known.other[second + plane]
        k, slopes = bent(k, inverse, root, step.a, step.b)
        return k, theta * slopes

    return activated


@functools.cache
def _across(dtype: str) -> Any:
    """A device function for sums of row y over the columns of a window; of no row they are zero."""
    zero = np.dtype(dtype).type(0)

    @cuda.jit(device=True)
    def across(images: Any, ring: Any, y: Any, height: Any, window: Any, geometry: Any) -> Any:
        k, theta, width = zero, zero, geometry.width
        if geometry.periodic:
            y = (y + height) % height
        if y < 0 or y >= height:
            return k, theta
        row = row_of(ring, y, geometry)
        for c in range(window.first, window.last):
            x = (window.start + c + width) % width if geometry.periodic else window.start + c
            k += images[row + x]
            theta += images[row + x + geometry.plane]
        return k, theta

    return across


@functools.cache
def convolve(dtype: str) -> Any:
    """A device function for a mean over windows, with weights and biases, and an activation if one is joined with it."""
    real = np.dtype(dtype).type
    zero = real(0)
    across, activated = _across(dtype), activate(dtype)

    @cuda.jit(device=True)
    def convolved(
        images: Any, ring: Any, step: Any, after: Any, joined: Any, size: Any, column: Any, known: Any, geometry: Any,
    ) -> None:  # fmt: skip
        (height, width), (x, x_other, dy) = size, column
        target = Ring(ring.begin, (ring.origin - geometry.shift) % geometry.slots)
        window = _window(step, width, x, x_other, geometry)
        square = step.a / real(step.rows * step.columns)
        remembers = step.rows == 3
        k0, theta0, k1, theta1 = zero, zero, zero, zero
        if remembers:
            k0, theta0 = across(images, ring, -step.top, height, window, geometry)
            k1, theta1 = across(images, ring, 1 - step.top, height, window, geometry)
        for y in range(step.height):
            y_other = partner(y, dy, geometry.height)
            first, last = _rows(step, height, y, y_other, geometry)
            k, theta, start = zero, zero, y - step.top
            if remembers:
                k2, theta2 = across(images, ring, start + 2, height, window, geometry)
                if first == 0:
                    k, theta = k0, theta0
                if first <= 1 < last:
                    k, theta = k + k1, theta + theta1
                if last == 3:
                    k, theta = k + k2, theta + theta2
                k0, theta0, k1, theta1 = k1, theta1, k2, theta2
            else:
                for r in range(first, last):
                    more, also = across(images, ring, start + r, height, window, geometry)
                    k, theta = k + more, theta + also
            if y_other < step.height and x < step.width and x_other < step.width:
                k = square * k + step.b
                theta = step.c * k + square * theta
                if joined:
                    place = Place(y, x, y_other, x_other)
                    k, theta = activated(k, theta, after, place, known)
                at = row_of(target, y, geometry) + x
                images[at], images[at + geometry.plane] = k, theta
            cuda.syncthreads()

    return convolved


@cuda.jit(device=True)
def _window(step: Any, width: Any, x: Any, x_other: Any, geometry: Any) -> Any:
    start, first, last = x - step.left, 0, step.columns
    if not geometry.periodic:
        first = max(0, -start, step.left - x_other)
        last = min(last, width - start, width + step.left - x_other)
    return Window(start, first, last)


@cuda.jit(device=True)
def _rows(step: Any, height: Any, y: Any, y_other: Any, geometry: Any) -> Any:
    """Rows of a window that both images have, from the first to before the last."""
    first, last = 0, step.rows
    if not geometry.periodic:
        first = max(0, step.top - y, step.top - y_other)
        last = min(last, height + step.top - y, height + step.top - y_other)
    return first, last
