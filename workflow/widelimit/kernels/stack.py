r"""Stacks of dense layers by compiled code: a row of entries passes all layers while it is in a cache.

XLA stores four or five arrays of the size of a tile for each layer. Here a network is split: its head, which may be
anything, goes through `Layer.propagate`; its tail, of layers that `native.steps` knows, becomes a program of steps.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.kernels.devices import devices
from widelimit.kernels.function import Kernels
from widelimit.kernels.places import Place
from widelimit.kernels.shapes import Shapes
from widelimit.native import engine
from widelimit.native.image_steps import parts
from widelimit.native.steps import has_steps, steps, tables
from widelimit.networks import Activation, Covariance, Layer, Repeat, Serial

__all__ = ["Stack"]

_LANES = 16
"""Entries of a vector, at most; rows are read to the end of the last one."""

_WINDOWS = 256
"""Tiles of samples of which it is remembered what is known of them."""


class Stack:
    """A network whose last layers are compiled code.

    Attributes:
        net: the network.
        start: the first of these layers.
    """

    pads = True

    def __init__(self, net: Serial, start: int) -> None:
        self.net, self.start = net, start
        known_of = functools.partial(Stack._known_of, weakref.proxy(self))
        self._known = functools.lru_cache(_WINDOWS)(known_of)

    @classmethod
    def of(cls, net: Layer, first: Any, second: Any) -> Stack | None:
        """The same for a network, or None.

        That is if there is no activation in its tail, if there is no compiled code or devices are not processors,
        or if its head is not exact: series have to be tried.

        Args:
            net: the network.
            first, second: inputs as ``net.inputs_of`` makes them.
        """
        if engine is None or type(net) not in (Serial, Repeat) or net.couples_samples:
            return None
        net = Serial(*parts(net))
        if any(device.platform != "cpu" for device in devices()):
            return None
        one, other = (jax.tree.map(lambda x: x[:1], side) for side in (first, second))
        start = _start(Shapes.of((net, one, other)))
        return None if start is None else cls(net, start)

    def fill(self, first: Any, second: Any, place: Place) -> bool:
        """Put the kernels of a tile into their place.

        Args:
            first, second: inputs as ``net.inputs_of`` makes them.
            place: for as many rows and columns as there are, or fewer.

        Returns:
            Whether all numbers are finite.
        """
        ntk = "ntk" in place.values
        arrays = _head(self.net, first, second, start=self.start, ntk=ntk)
        delta, q1, q2, *theta = map(np.asarray, arrays)
        kinds, numbers, known1 = self._known(q1.tobytes(), q1.dtype.name)
        *_, known2 = self._known(q2.tobytes(), q2.dtype.name)
        return engine.rows(
            kinds, numbers, tables(q1.dtype.name), known1, known2, delta, theta[0] if theta else None,
            *map(place.values.get, Kernels._fields), *map(place.mirror.get, Kernels._fields), place.triangle,
        )  # fmt: skip

    def _known_of(self, variances: bytes, dtype: str) -> tuple[np.ndarray, ...]:
        """The program, and what is known of samples from their variances; see `_steps`."""
        q = _padded(jnp.asarray(np.frombuffer(variances, dtype)))
        found = []
        for part in self.net.layers[self.start :]:
            *some, q = _steps(part, q)
            found.append([np.asarray(x) for x in some])
        kinds, numbers, known = map(np.concatenate, zip(*found, strict=True))
        return kinds, numbers.astype(float), np.concatenate([known, np.sqrt(q)[None]])


@functools.lru_cache(maxsize=256)
def _start(shapes: Shapes) -> int | None:
    """Where compiled code can begin, for shapes of a network and of both inputs."""
    net, first, second = shapes.tree
    start = len(net.layers)
    while start and has_steps(net.layers[start - 1]):
        start -= 1
    if not any(isinstance(part, Activation) for part in net.layers[start:]):
        return None
    state = jax.eval_shape(functools.partial(_state, start=start, ntk=True), net, first, second)
    exact = isinstance(state, Covariance) and state.bound is None
    return start if exact and not (state.positions or state.frozen or state.mask) else None


def _state(net: Serial, first: Any, second: Any, *, start: int, ntk: bool) -> Covariance:
    """The state in front of compiled code."""
    state = net.state_of(first, second, pairs=net.pairs_before(False))
    state = state.each(lambda part: part.replace(products=None))
    return Serial(*net.layers[:start]).propagate(state if ntk else state.replace(ntk=None))


@functools.partial(jax.jit, static_argnames=("start", "ntk"))
def _head(net: Serial, first: Any, second: Any, *, start: int, ntk: bool) -> tuple[jax.Array, ...]:
    """One minus the correlation in front of compiled code, variances, and the tangent kernel unless it is zero.

    Columns are padded to whole vectors.
    """
    state = _state(net, first, second, start=start, ntk=ntk)
    theta = [_padded(state.ntk)] if start and ntk else []
    return _padded(state.delta), state.q1[:, 0], state.q2[0], *theta


def _padded(x: jax.Array) -> jax.Array:
    return jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, -x.shape[-1] % _LANES)], mode="edge")


@jax.jit
def _steps(part: Layer, q: jax.Array) -> tuple[jax.Array, ...]:
    """The steps of a layer as arrays, and the variances behind it.

    It is compiled once for each kind of layer, however many there are.

    Returns:
        Kinds with their numbers of rows, shape (steps, 2); numbers, shape (steps, 3); what is known, shape
        (rows, samples); variances, shape (samples,).
    """
    found = steps(part, q)
    kinds = jnp.array([(step.kind, len(step.known)) for step in found], jnp.int32)
    numbers = jnp.stack([jnp.stack([jnp.asarray(x, q.dtype) for x in s.numbers]) for s in found])
    known = [row[None] for step in found for row in step.known]
    return (
        kinds,
        numbers,
        jnp.concatenate([jnp.zeros((0, len(q)), q.dtype), *known]),
        found[-1].behind,
    )
