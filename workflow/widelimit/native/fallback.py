r"""Pairs of images by Numba, where no compiler was there to build the compiled code: the same call as its ``images``.

Of activations it knows the piecewise linear ones. As in ``images.cpp`` the pairs of positions of one displacement are an
image that goes through all steps between two poolings while it is in a cache, of as many pairs of images at once as
vectors have lanes; displacements are taken modulo the size, as in `levels`.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from widelimit.native import bends, places
from widelimit.native.bends import ANGLE, REMAINDER, coefficients
from widelimit.native.image_steps import Readout
from widelimit.native.levels import Level, levels, table_of
from widelimit.native.places import meetings
from widelimit.native.steps import Kind

__all__ = ["images"]

_LANES = 16
"""Pairs of images at once."""

_COPY, _SWAP, _ADD, _CONVOLVE, _PIECEWISE = map(
    int, (Kind.COPY, Kind.SWAP, Kind.ADD, Kind.CONVOLVE, Kind.PIECEWISE)
)

_compiled = njit(nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
_displacement, _slot_of, _partner = map(
    _compiled, (places.displacement, places.slot_of, places.partner)
)


class Plan(NamedTuple):
    """What is known of a level: see `Level`; ``rows`` and ``columns`` are displacements."""

    first: int
    last: int
    height: int
    width: int
    bottom: int
    right: int
    rows: int
    columns: int
    depth: int
    periodic: bool
    front_height: int
    front_width: int


class Sides(NamedTuple):
    """Images of both sides, shape (positions, channels, lanes), and what is known of them, (known, lanes)."""

    one: np.ndarray
    other: np.ndarray
    known_one: np.ndarray
    known_other: np.ndarray


def images(
    kinds: np.ndarray, numbers: np.ndarray, _tables: np.ndarray, shape: tuple[int, ...],
    x1: np.ndarray, known1: np.ndarray, x2: np.ndarray, known2: np.ndarray,
    periodic: bool, paired: bool, triangle: bool, readout: int, nngp: np.ndarray, theta: np.ndarray,
) -> None:  # fmt: skip
    """Carry pairs of images through a program, and put sums over positions into arrays (see ``_engine.pyi``)."""
    everywhere = readout == Readout.ALL_POSITIONS
    found = levels(kinds, (shape[0], shape[1]), everywhere=everywhere, periodic=periodic)
    scales = [0.0, *numbers[kinds[:, 0] == Kind.POOL, 0]]
    pixels = [x.reshape(len(x), -1, shape[2]) for x in (x1, x2)]
    pairs = meetings(len(x1), len(x2), paired=paired, triangle=triangle)
    run = _level(x1.dtype.name)
    for start in range(0, len(pairs), _LANES):
        some = pairs[start : start + _LANES]
        lanes = np.resize(np.arange(len(some)), _LANES)  # the first ones again fill the rest
        sides = Sides(*(_interleaved(x[some[lanes, i]]) for x, i in zip((*pixels, known1, known2), (0, 1, 0, 1), strict=True)))  # fmt: skip
        kept, front = np.zeros((1,) * 6, x1.dtype), (0, 0)
        for level, scale in zip(found, scales, strict=True):
            plan = _plan(level, front, periodic=periodic)
            behind, sums = _room(
                plan, x1.dtype, keeps=level.last < len(kinds) or readout == Readout.VARIANCES
            )
            run(
                plan,
                table_of(kinds),
                numbers.astype(x1.dtype),
                sides,
                kept,
                x1.dtype.type(scale),
                behind,
                sums,
            )
            kept, front = behind, (level.height, level.width)
        rows, columns = some.T
        if readout == Readout.VARIANCES:
            nngp[rows] = kept[0, 0, 0].reshape(-1, _LANES).T[: len(some)]
        else:
            nngp[rows, columns * (not paired)], theta[rows, columns * (not paired)] = sums[
                :, : len(some)
            ]


def _interleaved(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(x, 0, -1))


def _plan(level: Level, front: tuple[int, int], *, periodic: bool) -> Plan:
    return Plan(
        level.first, level.last, level.height, level.width, *level.behind, *level.displacements, level.depth, periodic, *front,
    )  # fmt: skip


def _room(plan: Plan, dtype: Any, *, keeps: bool) -> tuple[np.ndarray, np.ndarray]:
    """Where images of a level go, (rows, columns, 2, bottom, right, lanes), and sums over them, (2, lanes)."""
    shape = (plan.rows, plan.columns, 2, plan.bottom, plan.right, _LANES) if keeps else (0,) * 6
    return np.empty(shape, dtype), np.zeros((2, _LANES))


@functools.cache
def _polynomial(dtype: str, row: int) -> Any:
    found = coefficients(dtype, row)
    one, two, terms = np.dtype(dtype).type(1), np.dtype(dtype).type(2), len(found)

    @_compiled
    def value(u: Any) -> Any:
        p, t = found[0], two * u - one
        for k in range(1, terms):
            p = p * t + found[k]
        return p

    return value


@_compiled
def _put(a: Any, b: Any, added: Any) -> None:
    """``a = b``, or ``a += b``, of all numbers of images or rows."""
    # Numba takes ten times as long to compile assignments of parts of arrays.
    one, other = a.reshape(a.size), b.reshape(b.size)
    if added:
        for n in range(a.size):
            one[n] += other[n]
    else:
        for n in range(a.size):
            one[n] = other[n]


@_compiled
def _sum_rows(image: Any, sums: Any, first: Any, last: Any, height: Any) -> None:
    """Sums of rows from the first to before the last, which go round."""
    for n in range(2):
        for y in range(first, last):
            _put(sums[n], image[n, (y + height) % height], y > first)


@_compiled
def _convolve(
    image: Any, behind: Any, sums: Any, step: Any, number: Any, size: Any, apart: Any, plan: Any
) -> None:
    """A mean over windows, with weights and biases."""
    (height, width), (dy, dx), (rows, columns, top, left, bottom, right) = size, apart, step
    square, biases, trained = number[0] / (rows * columns), number[1], number[2]
    for y in range(bottom):
        first, last = _seen(y, _partner(y, dy, plan.height), top, rows, height, plan.periodic)
        if _partner(y, dy, plan.height) >= bottom:
            continue
        _sum_rows(image, sums, y - top + first, y - top + last, height)
        for x in range(right):
            first, last = _seen(x, _partner(x, dx, plan.width), left, columns, width, plan.periodic)
            k, theta = behind[0, y, x], behind[1, y, x]
            for c in range(_LANES):
                k[c], theta[c] = 0, 0
            for j in range(x - left + first, x - left + last):
                j = (j + width) % width
                for c in range(_LANES):
                    k[c] += sums[0, j, c]
                    theta[c] += sums[1, j, c]
            for c in range(_LANES):
                k[c] = square * k[c] + biases
                theta[c] = trained * k[c] + square * theta[c]


@_compiled
def _seen(at: Any, other: Any, start: Any, count: Any, size: Any, periodic: Any) -> Any:
    """Of a window, from the first row or column that both images have to before the last one."""
    if periodic:
        return 0, count
    first = max(0, start - at, start - other)
    return first, min(count, size + start - at, size + start - other)


@functools.cache
def _activate(dtype: str) -> Any:
    """A function for a step that takes positions one by one: a dense layer, or an activation."""
    bent = bends.bend(dtype, _polynomial(dtype, ANGLE), _polynomial(dtype, REMAINDER), _compiled)

    @_compiled
    def activated(image: Any, kind: Any, known: Any, number: Any, size: Any, apart: Any, sides: Any, plan: Any) -> None:  # fmt: skip
        height, width = size
        for y in range(height):
            y_other = _partner(y, apart[0], plan.height)
            for x in range(width):
                x_other = _partner(x, apart[1], plan.width)
                if y_other >= height or x_other >= width:
                    continue
                k, theta = image[0, y, x], image[1, y, x]
                if kind != _PIECEWISE:
                    for c in range(_LANES):
                        k[c] = number[0] * k[c] + number[1]
                        theta[c] = number[2] * k[c] + number[0] * theta[c]
                    continue
                first, second = known + y * width + x, known + y_other * width + x_other
                inverse, root = sides.known_one[first], sides.known_one[first + height * width]
                inverse_other, root_other = sides.known_other[second], sides.known_other[second + height * width]  # fmt: skip
                for c in range(_LANES):
                    value, slopes = bent(
                        k[c], inverse[c] * inverse_other[c], root[c] * root_other[c], number[0], number[1]
                    )  # fmt: skip
                    k[c] = value
                    theta[c] *= slopes

    return activated


@_compiled
def _products(image: Any, sides: Any, apart: Any, plan: Any) -> None:
    """Second moments of raw inputs; their tangent kernel is zero."""
    channels = sides.one.shape[1]
    for y in range(plan.height):
        for x in range(plan.width):
            one = sides.one[y * plan.width + x]
            row = _partner(y, apart[0], plan.height) * plan.width
            other = sides.other[row + _partner(x, apart[1], plan.width)]
            k, theta = image[0, y, x], image[1, y, x]
            for c in range(_LANES):
                k[c], theta[c] = 0, 0
            for channel in range(channels):
                for c in range(_LANES):
                    k[c] += one[channel, c] * other[channel, c]
            for c in range(_LANES):
                k[c] /= channels


@_compiled
def _is_far(apart: Any, count: Any, size: Any) -> Any:
    return count < size and abs(apart) > (count - 1) // 2


@_compiled
def _pooled(image: Any, kept: Any, scale: Any, apart: Any, plan: Any) -> None:
    """Sums over 2 × 2 positions of both images; beyond reach they are zero, as nothing depends on these."""
    for y in range(plan.height):
        y_other = _partner(y, apart[0], plan.height)
        for x in range(plan.width):
            x_other = _partner(x, apart[1], plan.width)
            for n in range(2):
                for c in range(_LANES):
                    image[n, y, x, c] = 0
            if _is_far(y_other - y, plan.rows, plan.height) or _is_far(x_other - x, plan.columns, plan.width):  # fmt: skip
                continue
            for i in range(16):
                up, down = 2 * y + i // 8, 2 * y_other + i // 4 % 2
                left, right = 2 * x + i // 2 % 2, 2 * x_other + i % 2
                row = _slot_of(down - up, kept.shape[0], plan.front_height)
                column = _slot_of(right - left, kept.shape[1], plan.front_width)
                for n in range(2):
                    for c in range(_LANES):
                        image[n, y, x, c] += kept[row, column, n, up, left, c]
            for n in range(2):
                for c in range(_LANES):
                    image[n, y, x, c] *= scale


@_compiled
def _leave(image: Any, behind: Any, sums: Any, apart: Any, plan: Any) -> None:
    """What leaves a level: images, or sums over positions that both images have."""
    for y in range(plan.bottom):
        below = _partner(y, apart[0], plan.height) < plan.bottom
        for x in range(plan.right):
            inside = below and _partner(x, apart[1], plan.width) < plan.right
            for n in range(2):
                for c in range(_LANES):
                    if behind.size:
                        behind[n, y, x, c] = image[n, y, x, c] if inside else 0
                    elif inside:
                        sums[n, c] += image[n, y, x, c]


@functools.cache
def _level(dtype: str) -> Any:
    """A function that carries images of all displacements through a level."""
    activated = _activate(dtype)

    @_compiled
    def level(plan: Any, program: Any, numbers: Any, sides: Any, kept: Any, scale: Any, behind: Any, sums: Any) -> None:  # fmt: skip
        shape = plan.height, plan.width, _LANES
        images = np.zeros((plan.depth + 1, 2, *shape), numbers.dtype)
        rows = np.empty((2, plan.width, _LANES), numbers.dtype)
        for slot in range(plan.rows * plan.columns):
            row, column = slot // plan.columns, slot % plan.columns
            apart = _displacement(row, plan.rows, plan.height), _displacement(column, plan.columns, plan.width)  # fmt: skip
            at = np.arange(plan.depth + 1)  # images in the order of branches; the last one is free
            if plan.first == 0:
                _products(images[0], sides, apart, plan)
            else:
                _pooled(images[0], kept, scale, apart, plan)
            top, size = 0, (plan.height, plan.width)
            for s in range(plan.first, plan.last):
                kind, known = program[s, 0], program[s, 1]
                if kind == _COPY:
                    _put(images[at[top + 1]], images[at[top]], False)
                    top += 1
                elif kind == _SWAP:
                    at[top], at[top - 1] = at[top - 1], at[top]
                elif kind == _ADD:
                    top -= 1
                    _put(images[at[top]], images[at[top + 1]], True)
                elif kind == _CONVOLVE:
                    step = program[s, 2], program[s, 3], program[s, 4], program[s, 5], program[s, 6], program[s, 7]  # fmt: skip
                    _convolve(images[at[top]], images[at[-1]], rows, step, numbers[s], size, apart, plan)  # fmt: skip
                    at[top], at[-1] = at[-1], at[top]
                else:
                    activated(images[at[top]], kind, known, numbers[s], size, apart, sides, plan)
                size = program[s, 6], program[s, 7]
            _leave(
                images[at[top]],
                behind[row, column] if behind.size else behind[0, 0],
                sums,
                apart,
                plan,
            )

    return level
