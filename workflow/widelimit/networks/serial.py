"""Composition of layers."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.masked import propagated

__all__ = ["Serial", "output_shape"]


@layer
class Serial(Layer):
    """Layers one after the other: ``Serial(a, b, c)`` maps x to c(b(a(x))).

    Its parameters and hyper-parameters are tuples, one entry for each layer.
    """

    layers: tuple[Layer, ...] = hyper(default=())

    def __init__(self, *layers: Layer):
        object.__setattr__(self, "layers", layers)

    @property
    def hyper(self) -> tuple[Any, ...]:
        return tuple(part.hyper for part in self.layers)

    def replace_hyper(self, hyper: Any) -> Serial:
        if len(hyper) != len(self.layers):
            raise ValueError(
                f"Serial.replace_hyper got {len(hyper)} entries, expected {len(self.layers)}: "
                "one for each layer, as in `net.hyper`."
            )
        layers = tuple(p.replace_hyper(h) for p, h in zip(self.layers, hyper, strict=True))
        changed = object.__new__(type(self))  # subclasses make their layers from other arguments
        object.__setattr__(changed, "layers", layers)
        return changed

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        params = []
        shape = input_shape
        for part, part_key in zip(
            self.layers, jax.random.split(key, len(self.layers)), strict=True
        ):
            params.append(part.init(part_key, shape))
            shape = output_shape(part, params[-1], shape)
        return tuple(params)

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        for part, part_params, part_key in self._parts(params, key):
            x = part.apply(part_params, x, key=part_key, train=train)
        return x

    def apply_masked(
        self,
        params: Params,
        x: Any,
        mask: Any,
        *,
        key: jax.Array | None = None,
        train: bool = False,
    ) -> Any:
        for part, part_params, part_key in self._parts(params, key):
            x = part.apply_masked(part_params, x, mask, key=part_key, train=train)
            mask = part.mask_behind(mask)
        return x

    def _parts(
        self, params: Params, key: jax.Array | None
    ) -> Iterator[tuple[Layer, Params, jax.Array | None]]:
        """Each layer with its parameters and its key."""
        if len(params) != len(self.layers):
            raise ValueError(
                f"Serial of {len(self.layers)} layers got parameters for {len(params)}: "
                "were they made by another network's init?"
            )
        keys = [None] * len(self.layers) if key is None else jax.random.split(key, len(self.layers))
        return zip(self.layers, params, keys, strict=True)

    def mask_behind(self, mask: Any) -> Any:
        return functools.reduce(lambda mask, part: part.mask_behind(mask), self.layers, mask)

    @property
    def couples_samples(self) -> bool:
        return any(part.couples_samples for part in self.layers)

    def pairs_before(self, after: bool) -> bool:
        for part in reversed(self.layers):
            after = part.pairs_before(after)
        return after

    def propagate(self, state: Covariance) -> Covariance:
        """Layer by layer; a block that repeats is compiled once and scanned over its hyper-parameters."""
        start = 0
        for period, count in _runs([jax.tree.structure(part) for part in self.layers]):
            blocks = [
                self.layers[i : i + period] for i in range(start, start + period * count, period)
            ]
            state = _through(blocks[0], state) if count == 1 else _repeat(blocks, state)
            start += period * count
        return state


def output_shape(part: Layer, params: Params, input_shape: Any) -> Any:
    """The shape behind a layer, without the sample axis; a tuple of shapes for a field that branches."""
    branches = bool(input_shape) and isinstance(input_shape[0], tuple)
    shapes = input_shape if branches else (input_shape,)
    batch = tuple(jax.ShapeDtypeStruct((1, *shape), jnp.result_type(float)) for shape in shapes)
    out = jax.eval_shape(part.apply, params, batch if branches else batch[0])
    return jax.tree.map(lambda x: x.shape[1:], out)


def _through(block: tuple[Layer, ...], state: Covariance) -> Covariance:
    for part in block:
        state = propagated(part, state)
    return state


def _repeat(blocks: list[tuple[Layer, ...]], state: Covariance) -> Covariance:
    """Pass through blocks of one structure; compile time does not grow with their number if it can be so."""
    first, *others = blocks
    state = _through(first, state)
    form = _form(state)
    alike = len({str(_form(block)) for block in blocks}) == 1
    if not alike or _form(jax.eval_shape(functools.partial(_through, others[0]), state)) != form:
        # The state changes its form, as behind a stride: there is no loop over it.
        for block in others:
            state = _through(block, state)
        return state
    stacked = jax.tree.map(lambda *leaves: jnp.stack(jnp.asarray(leaves)), *others)
    return jax.lax.scan(lambda carry, block: (_through(block, carry), None), state, stacked)[0]


def _form(tree: Any) -> Any:
    leaves, structure = jax.tree.flatten(tree)
    return structure, [(jnp.shape(leaf), jnp.result_type(leaf)) for leaf in leaves]


def _runs(structures: list[Any]) -> list[tuple[int, int]]:
    """Split a sequence into ``(period, count)`` runs of equal blocks, the longest run first come."""
    runs, start, n = [], 0, len(structures)
    while start < n:
        best = (1, 1)
        for period in range(1, (n - start) // 2 + 1):
            block = structures[start : start + period]
            count = 1
            while structures[start + count * period : start + (count + 1) * period] == block:
                count += 1
            if count > 2 and period * count > best[0] * best[1]:
                best = (period, count)
        runs.append(best)
        start += best[0] * best[1]
    return runs
