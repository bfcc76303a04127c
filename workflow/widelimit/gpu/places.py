"""Where things are on a device: displacements and their slots, pairs of positions, rows of images in shared memory.

The tuples go to kernels and are made in them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import cuda

from widelimit.native import places

__all__ = ["Geometry", "Pair", "Place", "Ring", "displacement", "partner", "row_of", "slot_of"]


class Geometry(NamedTuple):
    """What a kernel knows of its level.

    Attributes:
        first, last: its steps.
        height, width, bottom, right: of images in front of it and behind.
        rows, columns: displacements, modulo height and width, that it goes through.
        slots, shift: rows of a ring, and by how many an image moves up with a convolution.
        plane: numbers of a ring.
        periodic: whether windows go on at the other end.
        keeps: whether images behind it are kept, and not their sums.
        front_height, front_width: modulo what displacements of the level in front are.
    """

    first: int
    last: int
    height: int
    width: int
    bottom: int
    right: int
    rows: int
    columns: int
    slots: int
    shift: int
    plane: int
    periodic: int
    keeps: int
    front_height: int
    front_width: int


class Pair(NamedTuple):
    """Two images: the number of the pair, and theirs."""

    number: Any
    one: Any
    other: Any


class Place(NamedTuple):
    """A pair of positions: (y, x) in the one image, and in the other."""

    y: Any
    x: Any
    y_other: Any
    x_other: Any


class Ring(NamedTuple):
    """An image in shared memory: where its rows begin, in a ring, and in which slot of it the first one stands."""

    begin: Any
    origin: Any


displacement, partner, slot_of = map(
    cuda.jit(device=True), (places.displacement, places.partner, places.slot_of)
)


@cuda.jit(device=True)
def row_of(ring: Any, y: Any, geometry: Any) -> Any:
    """Where a row begins."""
    slot = ring.origin + y
    return ring.begin + (slot if slot < geometry.slots else slot - geometry.slots) * geometry.width
