"""Some of the positions of a field."""

from __future__ import annotations

from typing import Any

import jax

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, layer

__all__ = ["Index"]


@layer
class Index(Layer):
    """The positions that ``where`` selects, as in NumPy: ``Index(slice(1, None), 0)`` is ``x[:, 1:, 0]``.

    A number removes its axis. Samples and channels stay as they are.

    Args:
        where: a number or a slice for each of the first axes of positions.
    """

    where: tuple[Any, ...]

    def __init__(self, *where: int | slice):
        # Slices are not hashable in all versions of Python.
        plain = tuple(w if isinstance(w, int) else (w.start, w.stop, w.step) for w in where)
        object.__setattr__(self, "where", plain)

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        self._check(x.ndim - 2)
        return self._of(x, tuple(range(1, x.ndim - 1)))

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return self._of(mask, tuple(range(1, mask.ndim)))

    def propagate(self, state: Covariance) -> Covariance:
        self._check(state.positions)
        behind = state.each(self._propagate)
        removed = sum(isinstance(w, int) for w in self.where)
        positions = state.positions - removed
        pairs = state.pairs and positions > 0
        behind = behind.each(lambda part: part.replace(positions=positions, pairs=pairs))
        return behind if pairs else behind.replace(within=None)

    def _propagate(self, state: Covariance) -> Covariance:
        def of(x: Any) -> Any:
            if x is None:
                return None
            # The last axes first: the numbers of the first stay true where axes vanish.
            x = self._of(x, state.axes2) if state.pairs else x
            return self._of(x, state.axes1)

        return state.replace(
            q1=of(state.q1),
            q2=of(state.q2),
            delta=of(state.delta),
            ntk=of(state.ntk),
            products=of(state.products),
        )

    def _of(self, x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
        """The array at the positions selected; axes of length 1, which only stand for others, stay."""
        places: list[Any] = [slice(None)] * x.ndim
        for axis, w in zip(axes, self.where, strict=False):
            if isinstance(w, int) and x.shape[axis] > 1 and not -x.shape[axis] <= w < x.shape[axis]:
                raise ValueError(f"Index got place {w} of an axis of {x.shape[axis]} positions.")
            places[axis] = w if isinstance(w, int) else slice(*w)
            if x.shape[axis] == 1:
                places[axis] = 0 if isinstance(w, int) else slice(None)
        return x[tuple(places)]

    def _check(self, positions: int) -> None:
        if len(self.where) > positions:
            raise ValueError(
                f"Index got {len(self.where)} places for a field over {positions} axes of positions."
            )
