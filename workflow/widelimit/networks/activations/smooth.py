"""Smooth activations without a closed form, and any smooth function of the user's: by Hermite series."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.activations.hermite_series import Scalar, coefficients, series_dual
from widelimit.networks.covariance import Covariance, safe_sqrt
from widelimit.networks.layer import layer

__all__ = ["Elementwise", "GeluTanh", "Mish", "Sigmoid", "Silu", "Softplus", "Tanh"]


class _Smooth(Activation):
    r"""An activation whose dual is a Hermite series (see `hermite_series`).

    Args:
        order: highest order K of the series.
        nodes: quadrature nodes of the coefficients.

    Orders that are needed grow with the standard deviation s of the field: for a function with its nearest
    singularity at :math:`i y`, terms decay like :math:`e^{-2 (y/s) \sqrt{2k}}`. `truncation` bounds the error.
    """

    order: int
    nodes: int

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        roots = safe_sqrt(q1), safe_sqrt(q2)
        phi, slope = (
            [coefficients(f, root, self.order, self.nodes) for root in roots]
            for f in self._functions
        )
        return series_dual(phi, slope, delta)

    def _propagate(self, state: Covariance) -> Covariance:
        lacking = jnp.max(self._lacking(state.q1, state.q2, state.delta))
        return super()._propagate(state).replace(truncation=jnp.maximum(state.truncation, lacking))

    def _lacking(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> jax.Array:
        """A bound on the errors of both second moments, over their size at correlation one."""
        roots = safe_sqrt(q1), safe_sqrt(q2)
        bounds = []
        for function in self._functions:
            first, second = (coefficients(function, r, self.order, self.nodes) for r in roots)
            shares = first.tail / first.square * (second.tail / second.square)
            bounds.append(2 * safe_sqrt(shares) * jnp.abs(1 - delta) ** (self.order + 1))
        exact = (delta == 0) & (q1 == q2)
        return jnp.where(exact, 0, jnp.maximum(*bounds))

    def truncation(self, q: jax.Array) -> tuple[jax.Array, jax.Array]:
        r"""Bounds on the errors of :math:`E[\phi\phi]` and :math:`E[\phi'\phi']` between fields of variance q.

        Between variances :math:`q_1, q_2` the bound is the geometric mean of theirs.
        """
        root = safe_sqrt(q)
        tails = [coefficients(f, root, self.order, self.nodes).tail for f in self._functions]
        return 2 * tails[0], 2 * tails[1]

    @property
    def _functions(self) -> tuple[Scalar, Scalar]:
        return self.__call__, self._slope

    def _slope(self, z: jax.Array) -> jax.Array:
        return jax.jvp(self.__call__, (z,), (jnp.ones_like(z),))[1]


@layer
class Tanh(_Smooth):
    r""":math:`\phi(z) = \tanh z`; the arguments are those of the series, see `Elementwise`."""

    order: int = 128
    nodes: int = 512

    def __call__(self, z: jax.Array) -> jax.Array:
        return jnp.tanh(z)


@layer
class Sigmoid(_Smooth):
    r""":math:`\phi(z) = 1/(1 + e^{-z})`; the arguments are those of the series, see `Elementwise`."""

    order: int = 128
    nodes: int = 512

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.sigmoid(z)


@layer
class Silu(_Smooth):
    r""":math:`\phi(z) = z/(1 + e^{-z})`; the arguments are those of the series, see `Elementwise`."""

    order: int = 128
    nodes: int = 512

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.silu(z)


@layer
class Softplus(_Smooth):
    r""":math:`\phi(z) = \log(1 + e^z)`; the arguments are those of the series, see `Elementwise`."""

    order: int = 128
    nodes: int = 512

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.softplus(z)


@layer
class Mish(_Smooth):
    r""":math:`\phi(z) = z \tanh(\log(1 + e^z))`; the arguments are those of the series, see `Elementwise`."""

    order: int = 128
    nodes: int = 512

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.mish(z)


@layer
class GeluTanh(_Smooth):
    r"""The tanh approximation of `Gelu`, a function of its own; arguments as in `Elementwise`."""

    order: int = 128
    nodes: int = 512

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.gelu(z, approximate=True)


@layer
class Elementwise(_Smooth):
    r"""Any scalar function that is analytic near the real axis.

    Functions with kinks or jumps need other means: their series converges too slowly.

    Args:
        function: a JAX function that acts elementwise; a named one, so that it compiles once.
        order: highest order of the Hermite series.
        nodes: quadrature nodes of its coefficients.
    """

    function: Callable[[jax.Array], jax.Array]
    order: int = 128
    nodes: int = 512

    def __call__(self, z: jax.Array) -> jax.Array:
        return self.function(z)
