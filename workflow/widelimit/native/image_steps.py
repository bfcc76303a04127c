r"""What compiled code has to know of networks on images: a program of steps, cut at its poolings.

What it does with pairs of images stands in ``images.cpp``. A convolution maps second moments as `convolution` says,
windows of two positions at a time; an activation takes pairs of positions one by one, with what is known of each (see
`steps`); branches wait on a stack.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from widelimit.native.steps import Kind, Step, has_steps, steps, untrained
from widelimit.networks import (
    AvgPool,
    Conv,
    FanInSum,
    FanOut,
    Flatten,
    Frozen,
    GlobalAvgPool,
    GlobalSumPool,
    Identity,
    Layer,
    Parallel,
    Repeat,
    Residual,
    Serial,
    SumPool,
)
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = [
    "ImageStep",
    "Readout",
    "convolutions",
    "has_image_steps",
    "image_steps",
    "is_pooling",
    "parts",
    "unknown",
]


_WITHOUT_PARAMETERS = (
    AvgPool,
    FanInSum,
    FanOut,
    Flatten,
    GlobalAvgPool,
    GlobalSumPool,
    Identity,
    SumPool,
)

_DEPTH = 4
"""Branches inside of branches, at most."""


class Readout(IntEnum):
    """What is read out behind the last step; the numbers are those of ``native/program.hpp``."""

    EQUAL_POSITIONS = 0  # the sum over them
    ALL_POSITIONS = 1  # the sum over all pairs
    VARIANCES = 2  # second moments at each position


class ImageStep(NamedTuple):
    """One step, on images of shape (n, height, width).

    Attributes:
        kind, behind, numbers, known: as in `Step`, at each position.
        window: its height and width.
        start: rows above, and columns left of a position, that its window begins.
    """

    kind: Kind
    behind: jax.Array
    numbers: tuple[Any, Any, Any] = (0.0, 0.0, 0.0)
    known: tuple[jax.Array, ...] = ()
    window: tuple[int, ...] = (1, 1)
    start: tuple[int, ...] = (0, 0)


def parts(net: Layer) -> list[Layer]:
    """The layers of a network one after the other, those inside of others too."""
    if type(net) in (Serial, Repeat, Residual):
        return [part for inner in net.layers for part in parts(inner)]  # type: ignore[attr-defined]
    if isinstance(net, Frozen):
        return [_frozen(part) for part in parts(net.inner)]
    return [net]


def _frozen(part: Layer) -> Layer:
    if type(part) in _WITHOUT_PARAMETERS:
        return part
    if isinstance(part, Parallel):
        return Parallel(*map(Frozen, part.layers))
    return part if isinstance(part, Frozen) else Frozen(part)


def is_pooling(part: Layer) -> bool:
    """Whether it is a pooling by windows of 2 × 2 positions that touch each other."""
    if type(part) not in (AvgPool, SumPool) or getattr(part, "normalize_edges", False):
        return False
    windows = part.windows  # type: ignore[attr-defined]
    return windows.shape == windows.strides == (2, 2) and windows.padding == "VALID"


def convolutions(layers: Sequence[Layer]) -> list[Conv]:
    """Those with windows of more than one position, also in branches."""
    found = []
    for part in (part for layer in layers for part in parts(layer)):
        inner = part.inner if isinstance(part, Frozen) else part
        if isinstance(inner, Parallel):
            found += [conv for branch in inner.layers for conv in convolutions([branch])]
        elif isinstance(inner, Conv) and max(inner.filter_shape) > 1:
            found.append(inner)
    return found


def has_image_steps(layers: Sequence[Layer], depth: int = 0) -> bool:
    """Whether `image_steps` knows all of them."""
    layers = [part for layer in layers for part in parts(layer)]
    pooled_inside = depth > 0 and any(map(is_pooling, layers))
    if depth > _DEPTH or pooled_inside or any(not _is_known(part) for part in layers):
        return False
    for place, part in enumerate(layers):
        if isinstance(part, FanOut):
            behind = [type(other) for other in layers[place + 1 : place + 3]]
            if part.count != 2 or behind != [Parallel, FanInSum]:
                return False
    branches = (part.layers for part in layers if isinstance(part, Parallel))
    return all(has_image_steps([branch], depth + 1) for pair in branches for branch in pair)


def unknown(layers: Sequence[Layer]) -> list[Layer]:
    """The layers that `image_steps` does not know in front of the first that joins positions, also in branches."""
    found: list[Layer] = []
    for part in (part for layer in layers for part in parts(layer)):
        if isinstance(part, Flatten | GlobalAvgPool | GlobalSumPool):
            break
        if isinstance(part, Parallel):
            found += unknown(part.layers)
        elif not _is_known(part):
            found.append(part)
    return found


def _is_known(part: Layer) -> bool:
    inner = part.inner if isinstance(part, Frozen) else part
    if type(inner) is Conv:
        plain = inner.windows.strides == inner.windows.dilation == (1, 1) and inner.groups == 1
        return plain and inner.parameterization == "ntk"
    structure = type(part) in (Identity, FanOut, Parallel, FanInSum)
    return structure or is_pooling(part) or has_steps(part)


def image_steps(layers: Sequence[Layer], q: jax.Array) -> list[ImageStep]:
    """The steps of layers, from variances in front of them, shape (n, height, width).

    A pooling is the last one, as variances behind it take more than those in front: its own are NaN.
    """
    found: list[ImageStep] = []
    for part in (part for layer in layers for part in parts(layer)):
        found += _of(part, found[-1].behind if found else q)
    return found


@functools.singledispatch
def _of(part: Layer, q: jax.Array) -> list[ImageStep]:
    found = steps(part, q)
    before = [q, *(step.behind for step in found[:-1])]
    return [_at_positions(*both) for both in zip(found, before, strict=True)]


def _at_positions(step: Step, q: jax.Array) -> ImageStep:
    """A step with what compiled code needs to get from second moments to correlations and back."""
    if step.kind == Kind.DENSE:
        return ImageStep(step.kind, step.behind, step.numbers)
    root = safe_sqrt(q)
    known = (safe_ratio(1.0, root), safe_sqrt(step.behind), *step.known)
    return ImageStep(step.kind, step.behind, step.numbers, known)


@_of.register
def _(part: Frozen, q):
    return untrained(_of(part.inner, q))


@_of.register
def _(_part: Identity, _q):
    return []


@_of.register
def _(_part: FanOut, q):
    return [ImageStep(Kind.COPY, q)]


@_of.register
def _(part: Parallel, q):
    first, second = (image_steps([branch], q) for branch in part.layers)
    # The copy on top goes through the second branch, and the one below through the first.
    swap = [ImageStep(Kind.SWAP, q)]
    behind = (first[-1].behind if first else q) + (second[-1].behind if second else q)
    return [*second, *([*swap, *first] if first else []), ImageStep(Kind.ADD, behind)]


@_of.register
def _(_part: FanInSum, _q):
    return []


@_of.register
def _(part: SumPool, q):
    share = 1 / 16 if isinstance(part, AvgPool) else 1.0
    return [ImageStep(Kind.POOL, q[:, ::2, ::2] * jnp.nan, (share, 0.0, 0.0))]


@_of.register
def _(part: Conv, q):
    windows = part.windows
    biases = 0.0 if part.b_std is None else part.b_std**2
    padded = windows.padded(q, (1, 2))
    cells = [windows.through(padded, cell, (1, 2)) for cell in windows.cells()]
    behind = part.w_std**2 / len(cells) * sum(cells[1:], start=cells[0]) + biases
    start = tuple(windows.pads(axis, length)[0] for axis, length in enumerate(q.shape[1:]))
    return [
        ImageStep(
            Kind.CONVOLVE, behind, (part.w_std**2, biases, 1.0), window=windows.shape, start=start
        )
    ]
