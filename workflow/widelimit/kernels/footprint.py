"""Working memory of a tile, from the network and the shape of its inputs; and the sizes chosen by it."""

from __future__ import annotations

import bisect
import functools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.extend.core import jaxprs_in_params

from widelimit.kernels.devices import devices
from widelimit.kernels.evaluate import tile_state
from widelimit.kernels.shapes import Shapes
from widelimit.networks import Layer

__all__ = ["Footprint", "footprint"]

_FREE = 2**20
"""Working memory in bytes up to which a tile costs less than compiling for another shape."""

_COPIES = 10
"""Working memory in units of the largest array; XLA needs 4 to 18 of them, by its own account."""


class _Limits(NamedTuple):
    """Working memory of one tile in bytes, and samples along a side, beyond which tiles are no faster."""

    budget: int
    largest: int


_LIMITS = {"cpu": _Limits(64 * 2**20, 512)}
"""Beyond, a process asks the system anew for the memory of each tile, which takes longer than the tile."""

_ACCELERATOR = _Limits(512 * 2**20, 1024)

_PRIME = 1009
"""Number of samples for which a network is traced; hardly a factor of any other length."""


class Footprint(NamedTuple):
    """How many bytes a tile of t × t samples (t pairs for diagonals) takes.

    Attributes:
        scale, power: each array of the program takes ``scale * t**power`` bytes.
    """

    scale: np.ndarray
    power: np.ndarray

    def bytes(self, t: int) -> int:
        """Working memory for t samples a side."""
        return _COPIES * int(np.max(self.scale * float(t) ** self.power, initial=0))

    @property
    def tile(self) -> int:
        """The largest tile within the budget."""
        return self._largest(_limits().budget)

    def padded(self, size: int, tile: int) -> int:
        """Rows to which tiles of ``size`` are padded, at most ``tile``, so that few shapes are compiled.

        Where samples are cheap these are multiples of up to 64; where they are not, there is no padding
        up to 16 samples, and one of at most a sixteenth beyond.
        """
        cheap = min(self._largest(_FREE), 64)
        step = max(_power_below(size / 16), _power_below(cheap))
        return min(math.ceil(size / step) * step, max(tile, size))

    def _largest(self, budget: int) -> int:
        largest = _limits().largest
        # Pairs of a diagonal count one by one.
        sides = range(1, (largest if np.max(self.power, initial=0) > 1 else largest**2) + 1)
        return max(1, bisect.bisect_right(sides, budget, key=self.bytes))


def footprint(net: Layer, shape: tuple[int, ...], dtype: str, *, diagonal: bool) -> Footprint:
    """The footprint of a network for inputs of ``shape``; remembered for each architecture.

    Nothing is compiled or computed. The network is traced, which raises the errors of networks that have
    no kernel. Precision is that of this thread.
    """
    return _footprint(Shapes.of(net), tuple(shape), dtype, diagonal)


@functools.lru_cache(maxsize=256)
def _footprint(network: Shapes, shape: tuple[int, ...], dtype: str, diagonal: bool) -> Footprint:
    net = network.tree
    x = jax.ShapeDtypeStruct((_PRIME, *shape), dtype)
    first = jax.eval_shape(lambda net, x: net.inputs_of(x), net, x)
    second = None if net.couples_samples else first
    kernel = functools.partial(tile_state, ntk=True, diagonal=diagonal)
    found = sorted(set(_sizes(jax.make_jaxpr(kernel)(net, first, second).jaxpr)))
    return Footprint(*np.array(found, float).reshape(-1, 2).T)


def _limits() -> _Limits:
    return _LIMITS.get(devices()[0].platform, _ACCELERATOR)


def _sizes(jaxpr: Any) -> Iterator[tuple[int, int]]:
    """Scale and power of all arrays that a program makes, also inside of its loops and functions."""
    for equation in jaxpr.eqns:
        for variable in equation.outvars:
            yield _powers(math.prod(variable.aval.shape) * variable.aval.dtype.itemsize)
        for inner in jaxprs_in_params(equation.params):
            yield from _sizes(inner)


def _powers(size: int) -> tuple[int, int]:
    """``size = scale * _PRIME**power``: however its axes were merged, an array keeps that factor."""
    power = 0
    while size and size % _PRIME == 0:
        size, power = size // _PRIME, power + 1
    return size, power


def _power_below(x: float) -> int:
    """The largest power of two up to x, at least 1."""
    return 2 ** max(0, math.floor(math.log2(x))) if x > 1 else 1
