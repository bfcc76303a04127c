"""Powers and polynomials, whose kernels have finite rank: they break the premise of universality."""

from __future__ import annotations

from math import comb, factorial, sqrt

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.activations.arccosine import odd_factorial, power_weights
from widelimit.networks.activations.hermite_series import series_dual
from widelimit.networks.layer import hyper, layer
from widelimit.networks.rounding import clipped
from widelimit.networks.safe import safe_sqrt

__all__ = ["Hermite", "Monomial", "Polynomial"]


class _Powers(Activation):
    """What has a finite Hermite series."""

    @property
    def coefficients(self) -> tuple[jax.Array | float, ...]:
        """The coefficient of each power, the constant first."""
        raise NotImplementedError

    def series(self, root: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Hermite coefficients of the function and of its derivative on fields of these standard deviations, orders first."""
        p = self.coefficients
        slopes = tuple(d * p[d] for d in range(1, len(p))) or (0.0,)
        return _hermite(root, p), _hermite(root, slopes)


@layer
class Monomial(_Powers):
    r""":math:`\phi(z) = z^d`.

    .. math:: E[u^d v^d] = (2d-1)!!\,(q_1 q_2)^{d/2} \sum_{j \equiv d\,(2)} w_{dj}\, c^j, \qquad
              E[\phi'\phi'] = d^2 E[u^{d-1} v^{d-1}],

    with the weights of `power_weights`.

    Args:
        degree: :math:`d \ge 1`.
    """

    degree: int

    def __post_init__(self) -> None:
        if self.degree < 1:
            raise ValueError(f"Monomial got degree {self.degree}, expected at least 1.")

    @property
    def coefficients(self) -> tuple[float, ...]:
        return (0.0,) * self.degree + (1.0,)

    def __call__(self, z: jax.Array) -> jax.Array:
        return z**self.degree

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        c, d = 1 - delta, self.degree
        moment, lower = odd_factorial(d), odd_factorial(d - 1)
        # 1 - c^j = (1 - c)(1 + c + … + c^{j-1})
        fall = sum(w * sum(c**i for i in range(j)) for j, w in power_weights(d).items())
        scale = safe_sqrt(q1) * safe_sqrt(q2)
        dot = d**2 * lower * sum(w * c**j for j, w in power_weights(d - 1).items())
        return Dual(moment * q1**d, moment * q2**d, clipped(delta * fall), scale ** (d - 1) * dot)


class _Polynomial(_Powers):
    r""":math:`\phi(z) = \sum_d p_d z^d`, by its Hermite series, which is finite.

    The coefficient of :math:`h_k` in :math:`\phi(s z)` is
    :math:`\sum_d p_d s^d\, d!/(((d-k)/2)!\, 2^{(d-k)/2} \sqrt{k!})`, over d of k's parity.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return sum(p * z**d for d, p in enumerate(self.coefficients)) + jnp.zeros_like(z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        phi, slope = zip(*map(self.series, (safe_sqrt(q1), safe_sqrt(q2))), strict=True)
        return series_dual(phi, slope, delta)


@layer
class Polynomial(_Polynomial):
    r""":math:`\phi(z) = \sum_d p_d z^d`.

    Args:
        powers: the coefficient of each power, the constant first.
    """

    powers: tuple[float, ...] = hyper()

    @property
    def coefficients(self) -> tuple[jax.Array | float, ...]:
        return tuple(self.powers)


@layer
class Hermite(_Polynomial):
    r"""The normalised Hermite polynomial :math:`h_d = \mathrm{He}_d/\sqrt{d!}`.

    On a field of unit variance its dual is :math:`c^d`; on others it is what the definition says.

    Args:
        degree: d.
    """

    degree: int

    @property
    def coefficients(self) -> tuple[jax.Array | float, ...]:
        d = self.degree
        powers = [0.0] * (d + 1)
        for j in range(d // 2 + 1):
            count = factorial(d) // (factorial(j) * factorial(d - 2 * j) * 2**j)
            powers[d - 2 * j] = (-1) ** j * count / sqrt(factorial(d))
        return tuple(powers)


def _hermite(scale: jax.Array, powers: tuple[jax.Array | float, ...]) -> jax.Array:
    terms = []
    for k in range(len(powers)):
        term = jnp.zeros_like(scale)
        for d in range(k, len(powers), 2):
            half = (d - k) // 2
            count = comb(d, k) * factorial(d - k) // (factorial(half) * 2**half)
            term = term + powers[d] * scale**d * (count * sqrt(factorial(k)))
        terms.append(term)
    return jnp.stack(terms)
