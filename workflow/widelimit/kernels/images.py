r"""Networks on images by compiled code: no array over pairs of positions is ever held.

The layers in front of the first `Flatten` or global pooling are an `ImageProgram`. What comes out of it, a sum over
positions for each pair of images, goes through the layers behind by `Layer.propagate`.
"""

from __future__ import annotations

import functools
import logging
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.kernels import carriers
from widelimit.kernels.evaluate import error_of, lowest_order
from widelimit.kernels.function import Kernels, state_behind
from widelimit.kernels.image_programs import Batch, ImageProgram
from widelimit.kernels.places import Place
from widelimit.kernels.shapes import Shapes
from widelimit.native.image_steps import Readout, parts, unknown
from widelimit.networks import Flatten, GlobalAvgPool, GlobalSumPool, Layer, Serial
from widelimit.networks.inputs import Inputs
from widelimit.networks.positions import one_minus_correlation

__all__ = ["Images", "say_why_not"]

_READOUTS = (Flatten, GlobalAvgPool, GlobalSumPool)

_log = logging.getLogger(__name__)

_CYCLES = 1e11
"""Clock cycles of a tile, roughly: half a minute, unless 16 images a side take longer."""

_GPU = 100
"""A GPU does as much in one cycle of a processor, roughly."""

_BYTES = 64 * 2**20
"""Memory for what is known of the images along a side of a tile."""


class Images:
    """A network whose first layers are compiled code for images.

    Attributes:
        front: its layers up to the one that joins positions.
        program: those without that one.
        tail: the layers behind.
        tolerance: as in `compute`, for those.
        diagonal: whether image i is compared with image i alone.
    """

    pads = False

    def __init__(
        self, net: Layer, shape: tuple[int, ...], tolerance: float, carry: Any, *, diagonal: bool = False,
    ) -> None:  # fmt: skip
        layers = parts(net)
        end = next(i for i, part in enumerate(layers) if type(part) in _READOUTS)
        self.front, self.tail = Serial(*layers[: end + 1]), Serial(*layers[end + 1 :])
        self.tolerance, self.diagonal = tolerance, diagonal
        flat = isinstance(layers[end], Flatten)
        readout = Readout.EQUAL_POSITIONS if flat else Readout.ALL_POSITIONS
        self.program = ImageProgram(layers[:end], shape, readout, carry)

    @classmethod
    def of(
        cls, net: Layer, inputs: Any, tolerance: float, *, diagonal: bool = False
    ) -> Images | None:
        """The same for a network, or None if compiled code does not know it, or is not there.

        Args:
            net: the network.
            inputs: as ``net.inputs_of`` makes them.
            tolerance, diagonal: as in `compute`.
        """
        if not isinstance(inputs, Inputs) or np.ndim(inputs.x) != 4 or net.couples_samples:
            return None
        layers, shape = parts(net), inputs.x.shape[1:]
        ends = [i for i, part in enumerate(layers) if type(part) in _READOUTS]
        carry = carriers.carrier(layers[: ends[0]], shape, inputs.x.dtype) if ends else None
        return None if carry is None else cls(net, shape, tolerance, carry, diagonal=diagonal)

    @property
    def tile(self) -> int:
        """Images along a side of a tile."""
        positions = math.prod(self.program.shape[:2])
        pairs = positions ** (2 if self.program.readout == Readout.ALL_POSITIONS else 1)
        cycles = _CYCLES * (_GPU if carriers.is_by_numba() else 1)
        time = math.sqrt(cycles / (3 * pairs * max(1, len(self.program.layers))))
        memory = _BYTES / (8 * max(1, self.program.known))
        return min(512, max(16, 2 ** math.floor(math.log2(min(time, memory)))))

    def fill(self, first: Any, second: Any, place: Place) -> bool:
        """Put the kernels of a tile, or of a part of a diagonal, into their place.

        Args:
            first, second: inputs as ``net.inputs_of`` makes them.
            place: for as many rows and columns as there are.

        Returns:
            Whether all numbers are finite.
        """
        one, other = Batch(first), Batch(second)
        # Of the second images, as many columns as there are, or one beside each of the first.
        beside = np.s_[:, None] if self.diagonal else np.s_[None]
        q1, q2 = self.program.variances(one)[:, None], self.program.variances(other)[beside]
        arrays = (
            (x * self._scale).astype(one.x.dtype) for x in (*self._sums(one, other, place), q1, q2)
        )
        numbers1, numbers2 = _numbered(first, second)
        behind = functools.partial(
            _behind, self.tail, *arrays, numbers1[:, None] == numbers2[beside],
            form=_form(Shapes.of((self.front, first, second))), ntk="ntk" in place.values,
        )  # fmt: skip
        found = lowest_order(lambda order: behind(order=order), self.tolerance)[0]
        place.put(jax.tree.map(lambda x: x[:, 0], found) if self.diagonal else found)
        return all(np.isfinite(x).all() for x in place.values.values())

    def _sums(self, one: Batch, other: Batch, place: Place) -> tuple[np.ndarray, ...]:
        if self.diagonal:
            return tuple(x[:, None] for x in self.program.paired(one, other))
        found = self.program.sums(one, other, triangle=place.triangle)
        return tuple(x + np.triu(x, 1).T for x in found) if place.triangle else found

    @property
    def _scale(self) -> float:
        """One over the number of terms in a sum, for means."""
        if isinstance(self.front.layers[-1], GlobalSumPool):
            return 1.0
        positions = math.prod(self.program.size)
        return 1 / positions ** (2 if self.program.readout == Readout.ALL_POSITIONS else 1)


def say_why_not(net: Layer, shape: tuple[int, ...]) -> None:
    """Say, once, why there are no `Images` for a network with pairs of positions; nothing, unless samples are images."""
    if len(shape) != 3:
        return
    names = {type(getattr(part, "inner", part)).__name__ for part in unknown(parts(net))}
    if names:
        reason = f"{', '.join(sorted(names))} in it"
    else:
        beyond = "activations that are not piecewise linear, or " if carriers.is_by_numba() else ""
        reason = carriers.missing() or f"{beyond}such windows, sizes or branches"
    _say(
        "this network takes the general way, which holds all pairs of positions and is a hundred times slower than "
        f"compiled code for images ({reason})."
    )


@functools.cache
def _say(message: str) -> None:
    _log.warning(message)


@functools.lru_cache(maxsize=256)
def _form(shapes: Shapes) -> Any:
    """What is known of the field behind a network without numbers: the structure of its state."""
    net, first, second = shapes.tree
    state = jax.eval_shape(functools.partial(state_behind, slopes=False), net, first, second)
    return jax.tree.structure(state)


@functools.partial(jax.jit, static_argnames=("form", "ntk", "order"))
def _behind(
    tail: Serial, k: jax.Array, theta: jax.Array, q1: jax.Array, q2: jax.Array, same: jax.Array,
    *, form: Any, ntk: bool, order: int,
) -> tuple[Kernels[jax.Array], jax.Array]:  # fmt: skip
    """Kernels behind the last layers, from second moments in front of them; those of the same images are exact."""
    delta = jnp.where(same, 0, one_minus_correlation(k, q1, q2))
    state = jax.tree.unflatten(form, [q1, q2, delta, theta]).replace(order=order)
    state = tail.propagate(state if ntk else state.replace(ntk=None))
    return Kernels(state.nngp, state.ntk), error_of(state.bound, ntk=ntk)


def _numbered(*parts: Inputs) -> tuple[np.ndarray, ...]:
    """A number for each image, the same for those that are the same at all positions.

    Fingerprints are those of images up to a power of two, which mean squares tell apart.
    """
    numbers: dict[bytes, int] = {}
    images = (
        [a.tobytes() + b.tobytes() for a, b in zip(part.mark, part.q, strict=True)]
        for part in parts
    )
    return tuple(np.array([numbers.setdefault(x, len(numbers)) for x in part]) for part in images)
