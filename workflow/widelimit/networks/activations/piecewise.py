"""Activations with kinks that have no closed form here, and any such function of the user's."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.activations.split_quadrature import split_dual
from widelimit.networks.bounds import Lacking
from widelimit.networks.covariance import ORDER
from widelimit.networks.layer import hyper, layer
from widelimit.networks.rounding import rounding
from widelimit.networks.safe import safe_ratio

__all__ = ["Elu", "Piecewise", "Selu"]


_FALLS = (0, 1e-4, 1e-2, 0.1, 0.3, 0.6, 1, 1.4, 1.7, 1.9, 1.99, 2)
"""One minus the correlations at which the rule is checked."""


class _Kinked(Activation):
    """An activation whose dual is integrated piece by piece (see `split_quadrature`)."""

    kinks: tuple[float, ...] = (0.0,)
    nodes: int | None = None

    def at_order(self, order: int) -> Activation:
        """With as many nodes as a polynomial of that order takes, and a few."""
        return self if self.nodes is not None else dataclasses.replace(self, nodes=order // 2 + 4)  # type: ignore[type-var]

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        return self._split(1, q1, q2, delta)

    def lacking(self, q: jax.Array, reach: jax.Array | float = 1.0) -> Lacking:
        """Twice the difference from a rule with half as many nodes again.

        It is taken between equal variances and between large and small ones, at correlations from -1 to 1.
        Unlike that of a series this is an estimate: a kink that is not named may escape it.
        """
        delta = jnp.asarray(_FALLS, q.dtype)[:, None, None]
        others = jnp.stack([q, q[::-1]])
        coarse, fine = (self._split(more, q[None], others, delta) for more in (1, 1.5))
        square = jnp.abs(coarse.q1 - fine.q1)[0]
        correlation, slope = (
            2 * jnp.max(jnp.abs(a - b), axis=(0, 1))
            for a, b in zip(coarse[2:], fine[2:], strict=True)
        )
        floor = 2 * rounding(q)
        return Lacking(
            moment=jnp.maximum(2 * safe_ratio(square, fine.q1[0]) - floor, 0),
            correlation=jnp.maximum(correlation - floor, 0),
            slope=jnp.maximum(slope - floor * fine.dot[0, 0], 0),
        )

    def _split(self, more: float, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        nodes = ORDER // 2 + 4 if self.nodes is None else self.nodes
        return split_dual(self.__call__, self.kinks, int(more * nodes), q1, q2, delta)


@layer
class Elu(_Kinked):
    r""":math:`\phi(z) = z` for z > 0 and :math:`a (e^z - 1)` elsewhere.

    Args:
        a: minus the value at minus infinity.
        nodes: as in `Piecewise`.
    """

    a: float = hyper(default=1.0)
    nodes: int | None = None

    def __call__(self, z: jax.Array) -> jax.Array:
        return jnp.where(z > 0, z, self.a * jnp.expm1(jnp.minimum(z, 0)))


@layer
class Selu(_Kinked):
    r"""The self-normalising :math:`\lambda\,\mathrm{Elu}_a` (Klambauer et al. 2017): 0 mean, variance 1 stay."""

    nodes: int | None = None

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.selu(z)


@layer
class Piecewise(_Kinked):
    """Any continuous scalar function that is smooth between its kinks.

    Args:
        function: a JAX function that acts elementwise; a named one, so that it compiles once.
        kinks: where it is not smooth.
        nodes: quadrature nodes in each piece and dimension; None takes as many as the tolerance needs.

    Raises:
        ValueError: the function jumps at one of the kinks.
    """

    function: Callable[[jax.Array], jax.Array]
    kinks: tuple[float, ...] = (0.0,)
    nodes: int | None = None

    def __post_init__(self) -> None:
        for kink in self.kinks:
            step = 1e-3 * (1 + abs(kink))
            inner, outer = (self._across(kink, distance) for distance in (step / 8, step))
            # Across a kink the difference shrinks with the step, across a jump it stays.
            if inner > max(outer / 2, 1e-6):
                raise ValueError(
                    f"the function jumps by about {inner:.2g} at {kink}, expected a continuous one: behind a jump "
                    "the slope, and so the tangent kernel, is not finite."
                )

    def _across(self, kink: float, distance: float) -> float:
        with jax.ensure_compile_time_eval():  # also where a network is made within jit
            below, above = self.function(kink + distance * jnp.array([-1.0, 1.0]))
            return float(abs(above - below))

    def __call__(self, z: jax.Array) -> jax.Array:
        return self.function(z)
