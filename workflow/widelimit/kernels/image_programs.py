r"""The layers of a network up to the one that joins positions, as a program of compiled code on pairs of images.

A program has to know standard deviations at each position of an image, in front of and behind each activation; they do
not depend on its partners. Behind a pooling they take covariances of near positions within the image, and behind a
global one those of all: the program itself computes these, for images in pairs with themselves.
"""

from __future__ import annotations

import functools
import hashlib
import weakref
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.native.image_steps import (
    ImageStep,
    Readout,
    convolutions,
    has_image_steps,
    image_steps,
    is_pooling,
)
from widelimit.native.steps import tables
from widelimit.networks import Layer
from widelimit.networks.inputs import Inputs

__all__ = ["Batch", "ImageProgram"]

_BATCHES = 8
"""Batches of images of which it is remembered what is known of them."""

_POOLINGS = 10
"""At most, as ``images.cpp`` has places for them."""


class Steps(NamedTuple):
    """Steps, and what they have to know of images.

    Attributes:
        kinds: kind, arrays that are known, window and its start, height and width behind, int32, shape (steps, 8).
        numbers: shape (steps, 3).
        known: shape (images, known).
        q: variances behind, shape (images, height, width); NaN behind a pooling.
    """

    kinds: np.ndarray
    numbers: np.ndarray
    known: np.ndarray
    q: np.ndarray

    def then(self, other: Steps) -> Steps:
        """These, and others behind them."""
        kinds, numbers = map(np.concatenate, zip(self[:2], other[:2], strict=True))
        return Steps(kinds, numbers, np.concatenate([self.known, other.known], axis=1), other.q)


class Batch:
    """Images, told apart by what is in them.

    Attributes:
        x: shape (n, height, width, channels).
        q: mean squares of channels, shape (n, height, width).
    """

    def __init__(self, inputs: Inputs) -> None:
        self.x, self.q = (np.ascontiguousarray(x) for x in (inputs.x, inputs.q))
        self.digest = hashlib.blake2b(self.x.data).digest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Batch) and self.digest == other.digest

    @property
    def flat(self) -> np.ndarray:
        """Images as vectors."""
        return self.x.reshape(len(self.x), -1)


class ImageProgram:
    """Layers as a program.

    Attributes:
        layers: they, one after the other.
        shape: of the images, (height, width, channels).
        readout: what is read out behind them.
        carry: what carries pairs of images through it (see `carrier`).
        size: height and width of images behind them.
        known: numbers that are known of an image.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        shape: tuple[int, ...],
        readout: Readout,
        carry: Callable[..., None],
    ) -> None:
        self.layers, self.shape, self.readout, self.carry = layers, shape, readout, carry
        self.size, self.known = _sizes(layers, shape[:2])
        self._periodic = _is_periodic(layers)
        # A reference to itself would keep all that it remembers beyond its life.
        steps_of = functools.partial(ImageProgram._steps_of, weakref.proxy(self))
        self._steps = functools.lru_cache(_BATCHES)(steps_of)
        self._variances: dict[bytes, np.ndarray] = {}  # a number for each image

    @staticmethod
    def knows(layers: Sequence[Layer], shape: tuple[int, ...]) -> bool:
        """Whether they can be one, for images of shape (height, width, channels)."""
        if not has_image_steps(layers) or min(shape) < 1:
            return False
        windows = convolutions(layers)
        periodic = [conv for conv in windows if conv.padding == "CIRCULAR"]
        if periodic and (len(periodic) < len(windows) or any(map(is_pooling, layers))):
            return False
        if any(max(conv.filter_shape) > min(shape[:2]) for conv in periodic):
            return False
        fronts = [layers[:i] for i, part in enumerate(layers) if is_pooling(part)]
        even = (n % 2 == 0 for front in fronts for n in _sizes(front, shape[:2])[0])
        return len(fronts) <= _POOLINGS and all(even)

    @staticmethod
    def kinds(layers: Sequence[Layer], shape: tuple[int, ...]) -> tuple[np.ndarray, bool]:
        """Kinds of their steps, as in `Steps`, and whether windows go on at the other end."""
        found: list[tuple[int, ...]] = []

        def trace(q: jax.Array) -> jax.Array:
            found.extend(map(_row, image_steps(layers, q)))
            return q

        jax.eval_shape(trace, jax.ShapeDtypeStruct((1, *shape[:2]), jnp.float32))
        return np.array(found, np.int32).reshape(-1, 8), _is_periodic(layers)

    def sums(self, one: Batch, other: Batch, *, triangle: bool) -> tuple[np.ndarray, np.ndarray]:
        """Second moments and tangent kernels of all pairs of images, shape (n1, n2); below a triangle they are 0."""
        steps, known = self._steps(one), self._steps(other).known
        found = self._run(
            steps, one, other, known, self.readout, (len(one.x), len(other.x)), triangle=triangle
        )
        return (np.triu(found[0]), np.triu(found[1])) if triangle else found

    def variances(self, batch: Batch) -> np.ndarray:
        """Second moments of each image with itself, shape (n,)."""
        if batch.digest not in self._variances:
            self._variances[batch.digest] = self._variances_of(batch)
        return self._variances[batch.digest]

    def paired(self, one: Batch, other: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Second moments and tangent kernels of image i with image i, shape (n,)."""
        known = self._steps(other).known
        k, theta = self._run(
            self._steps(one), one, other, known, self.readout, (len(one.x), 1), paired=True
        )
        return k[:, 0], theta[:, 0]

    def _variances_of(self, batch: Batch) -> np.ndarray:
        if self.readout == Readout.EQUAL_POSITIONS:
            return np.sum(self._steps(batch).q, axis=(1, 2))
        return self.paired(batch, batch)[0]

    def _steps_of(self, batch: Batch) -> Steps:
        q, n = batch.q, len(batch.q)
        steps = Steps(np.zeros((0, 8), np.int32), np.zeros((0, 3)), np.zeros((n, 0), q.dtype), q)
        for part in self.layers:
            kinds, numbers, known, q = map(np.asarray, _compiled(part, q))
            steps = steps.then(Steps(kinds, numbers.astype(float), known, q))
            if is_pooling(part):
                q = self._pooled(steps, batch)
        return steps._replace(q=q)

    def _pooled(self, steps: Steps, batch: Batch) -> np.ndarray:
        """Variances at each position behind a pooling."""
        shape = steps.q.shape
        moments, _ = self._run(
            steps,
            batch,
            batch,
            steps.known,
            Readout.VARIANCES,
            (len(batch.x), shape[1] * shape[2]),
            paired=True,
        )
        return moments.reshape(shape).astype(batch.x.dtype)

    def _run(
        self, steps: Steps, one: Batch, other: Batch, known: np.ndarray, readout: Readout, shape: tuple[int, int],
        *, paired: bool = False, triangle: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        k, theta = np.zeros(shape), np.zeros(shape)
        self.carry(
            steps.kinds, steps.numbers, tables(one.x.dtype.name), self.shape, one.flat, steps.known, other.flat, known,
            self._periodic, paired, triangle, int(readout), k, theta,
        )  # fmt: skip
        return k, theta


def _sizes(layers: Sequence[Layer], size: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """Height and width behind layers, and how many numbers they have to know of an image."""

    def arrays(q: jax.Array) -> tuple[jax.Array, list[jax.Array]]:
        found = image_steps(layers, q)
        return (found[-1].behind if found else q), [x for step in found for x in step.known]

    behind, known = jax.eval_shape(arrays, jax.ShapeDtypeStruct((1, *size), jnp.float32))
    return behind.shape[1:], sum(x.size for x in known)


def _is_periodic(layers: Sequence[Layer]) -> bool:
    return any(conv.padding == "CIRCULAR" for conv in convolutions(layers))


def _row(step: ImageStep) -> tuple[int, ...]:
    """A row of `Steps.kinds`."""
    return (step.kind, len(step.known), *step.window, *step.start, *step.behind.shape[1:])


@jax.jit
def _compiled(part: Layer, q: jax.Array) -> tuple[jax.Array, ...]:
    """The attributes of `Steps` for one layer; each kind of layer is compiled once, however many there are."""
    found = image_steps([part], q)
    n, dtype = len(q), q.dtype
    rows = [_row(step) for step in found]
    numbers = [jnp.stack([jnp.asarray(x, dtype) for x in s.numbers]) for s in found]
    known = [array.reshape(n, -1) for s in found for array in s.known]
    return (
        jnp.array(rows, jnp.int32).reshape(-1, 8),
        jnp.stack([jnp.zeros(3, dtype), *numbers])[1:],
        jnp.concatenate([jnp.zeros((n, 0), dtype), *known], axis=1),
        found[-1].behind if found else q,
    )
