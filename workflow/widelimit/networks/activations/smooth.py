"""Smooth activations without a closed form, and any smooth function of the user's: by Hermite series."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.activations.hermite_series import (
    Coefficients,
    coefficients,
    series_dual,
)
from widelimit.networks.bounds import Lacking
from widelimit.networks.covariance import ORDER
from widelimit.networks.layer import layer
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["Elementwise", "GeluTanh", "Mish", "Sigmoid", "Silu", "Softplus", "Tanh"]


class _Smooth(Activation):
    r"""An activation whose dual is a Hermite series (see `hermite_series`).

    Args:
        order: highest order K of the series; None leaves it to the caller, which is a good idea:
            `widelimit.kernels.compute` takes the lowest order that meets its tolerance.

    Orders that are needed grow with the standard deviation s of the field: for a function with its nearest
    singularity at :math:`i y`, terms decay like :math:`e^{-2 (y/s) \sqrt{2k}}`. `lacking` bounds the error.
    """

    order: int | None

    def at_order(self, order: int) -> Activation:
        return self if self.order is not None else dataclasses.replace(self, order=order)  # type: ignore[type-var]

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        # Both together, so that they are compiled once.
        roots = safe_sqrt(jnp.concatenate([jnp.ravel(q1), jnp.ravel(q2)]))

        def split(terms: jax.Array) -> tuple[jax.Array, jax.Array]:
            first, second = jnp.split(terms, [q1.size], axis=1)
            return first.reshape(-1, *q1.shape), second.reshape(-1, *q2.shape)

        phi, slope = (split(series.terms) for series in self._series(roots))
        return series_dual(phi, slope, delta, rest=2)

    def lacking(self, q: jax.Array, reach: jax.Array | float = 1.0) -> Lacking:
        r"""Bounds of the errors: what is cut off, and that of the coefficients, :math:`|a_k|` by :math:`|a_k|`.

        Between variances :math:`q_1, q_2` the bound is the geometric mean of theirs.
        """
        phi, slope = self._series(safe_sqrt(q))
        # Behind order K come two terms for the rest.
        cut = 2 * jnp.abs(reach) ** (len(phi.terms) - 2)
        return Lacking(
            moment=2 * phi.quadrature,
            correlation=cut * safe_ratio(phi.tail, phi.square) + 4 * phi.quadrature,
            slope=cut * slope.tail + 2 * jnp.max(slope.quadrature) * slope.square,
        )

    def _series(self, root: jax.Array) -> tuple[Coefficients, Coefficients]:
        return coefficients(self.__call__, root, ORDER if self.order is None else self.order)


@layer
class Tanh(_Smooth):
    r""":math:`\phi(z) = \tanh z`; `order` as in `Elementwise`."""

    order: int | None = None

    def __call__(self, z: jax.Array) -> jax.Array:
        return jnp.tanh(z)


@layer
class Sigmoid(_Smooth):
    r""":math:`\phi(z) = 1/(1 + e^{-z})`; `order` as in `Elementwise`."""

    order: int | None = None

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.sigmoid(z)


@layer
class Silu(_Smooth):
    r""":math:`\phi(z) = z/(1 + e^{-z})`; `order` as in `Elementwise`."""

    order: int | None = None

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.silu(z)


@layer
class Softplus(_Smooth):
    r""":math:`\phi(z) = \log(1 + e^z)`; `order` as in `Elementwise`."""

    order: int | None = None

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.softplus(z)


@layer
class Mish(_Smooth):
    r""":math:`\phi(z) = z \tanh(\log(1 + e^z))`; `order` as in `Elementwise`."""

    order: int | None = None

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.mish(z)


@layer
class GeluTanh(_Smooth):
    r"""The tanh approximation of `Gelu`, a function of its own; `order` as in `Elementwise`."""

    order: int | None = None

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.gelu(z, approximate=True)


@layer
class Elementwise(_Smooth):
    r"""Any scalar function that is analytic near the real axis.

    Functions with kinks or jumps need other means: their series converges too slowly.

    Args:
        function: a JAX function that acts elementwise; a named one, so that it compiles once.
        order: highest order of the Hermite series; None takes the lowest that meets the tolerance.
    """

    function: Callable[[jax.Array], jax.Array]
    order: int | None = None

    def __call__(self, z: jax.Array) -> jax.Array:
        return self.function(z)
