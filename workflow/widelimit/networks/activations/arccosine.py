r"""Arc-cosine functions of :math:`\delta = 1 - c` (Cho and Saul 2009), accurate at both ends.

For standard Gaussians :math:`u, v` of correlation :math:`c = \cos\theta`, let :math:`I_n(\theta) =
E[(u)_+^n (v)_+^n]` and :math:`\kappa_n = I_n(\theta)/I_n(0)`. Then :math:`I_0 = (\pi - \theta)/2\pi`,
and since :math:`dI_n/dc = n^2 I_{n-1}` (Price 1958),

.. math:: I_n(\theta) = \tfrac12 M_n(c) - \frac{R_n(\theta)}{2\pi} = (-1)^n \frac{R_n(\pi - \theta)}{2\pi},
          \qquad M_n(c) = E[u^n v^n], \qquad R_0 = \theta, \quad
          R_n(\theta) = -n^2 \int_0^\theta \sin t\, R_{n-1}(t)\, dt .

As functions of :math:`c` these lose half of their digits at :math:`c \to 1`, where
:math:`\theta \approx \sqrt{2\delta}`. Here they are written for :math:`\delta`: the first form serves
:math:`\theta \le \pi/2` and the second the rest, so that identical (:math:`\delta = 0`) and antipodal
(:math:`\delta = 2`) inputs are exact. With :math:`u = \min(\delta, 2 - \delta)` both :math:`\theta/\sqrt u`
and :math:`R_n/u^{n + 1/2}` are analytic but for :math:`u = 2`, and are polynomials in u here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial, prod

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.activations.interpolation import interpolated
from widelimit.networks.safe import safe_sqrt

__all__ = [
    "angle_over_root",
    "kappa0",
    "odd_factorial",
    "one_minus_kappa",
    "one_minus_kappa0",
    "power_weights",
    "remainder_over_power",
]

_TERMS = 40
"""Terms of the series of R_n: up to n = 20 and θ = π/2 the first one left out is below 1e-17 of the sum."""


@jax.custom_jvp
def kappa0(delta: jax.Array) -> jax.Array:
    r""":math:`1 - \theta/\pi`: 1 for identical, 0 for antipodal inputs.

    Its slope is infinite at both ends, where the kernel has a cusp; the derivative returned there is
    the symmetric one, zero.
    """
    near = delta <= 1
    share = _angle_share(jnp.where(near, delta, 2 - delta))
    return jnp.where(near, 1 - share, share)


@kappa0.defjvp
def _(primals, tangents):
    (delta,), (d_delta,) = primals, tangents
    return kappa0(delta), _slope(delta) * d_delta


@jax.custom_jvp
def one_minus_kappa0(delta: jax.Array) -> jax.Array:
    r""":math:`\theta/\pi`, with the digits of small angles."""
    near = delta <= 1
    share = _angle_share(jnp.where(near, delta, 2 - delta))
    return jnp.where(near, share, 1 - share)


@one_minus_kappa0.defjvp
def _(primals, tangents):
    (delta,), (d_delta,) = primals, tangents
    return one_minus_kappa0(delta), -_slope(delta) * d_delta


def _angle_share(u: jax.Array) -> jax.Array:
    r""":math:`\theta/\pi` from :math:`u = 1 - \cos\theta \le 1`."""
    return jnp.sqrt(u) * interpolated(angle_over_root, u) / jnp.pi


def _slope(delta: jax.Array) -> jax.Array:
    """The derivative of kappa0, and zero at both ends."""
    sine = safe_sqrt(delta * (2 - delta))
    inside = sine > 0
    return jnp.where(inside, -1 / (jnp.pi * jnp.where(inside, sine, 1)), 0)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def one_minus_kappa(order: int, delta: jax.Array) -> jax.Array:
    r""":math:`1 - \kappa_n(\delta)` for :math:`n \ge 1`; its derivative is :math:`n^2/(2n-1)\,\kappa_{n-1}`."""
    near = delta <= 1
    u = jnp.where(near, delta, 2 - delta)
    weights = power_weights(order)
    # |R_n| of θ, or of π - θ, over 2π I_n(0)
    rest = u**order * jnp.sqrt(u) * interpolated(remainder_over_power(order), u) / jnp.pi
    # 1 - c^j = (1 - c)(1 + c + … + c^{j-1})
    powers = sum(w * sum((1 - delta) ** i for i in range(j)) for j, w in weights.items())
    fall = delta * powers + (-1) ** order * rest
    return jnp.clip(jnp.where(near, fall, 1 - rest), 0, 1)


@one_minus_kappa.defjvp
def _(order, primals, tangents):
    (delta,), (d_delta,) = primals, tangents
    below = kappa0(delta) if order == 1 else 1 - one_minus_kappa(order - 1, delta)
    return one_minus_kappa(order, delta), order**2 / (2 * order - 1) * below * d_delta


def odd_factorial(n: int) -> float:
    """(2n-1)!!, the moment E z^{2n} of a standard Gaussian."""
    return float(prod(range(1, 2 * n, 2)))


@functools.cache
def power_weights(degree: int) -> dict[int, float]:
    r"""The coefficient of :math:`c^j` in :math:`E[u^d v^d]/(2d-1)!!` at unit variance, for each j of d's parity.

    They add up to one. :math:`z^d = \sum_j a_{dj} \mathrm{He}_j(z)` with :math:`a_{dj} = d!/(j!\,((d-j)/2)!\,2^{(d-j)/2})`,
    and the coefficient in :math:`E[u^d v^d]` is :math:`a_{dj}^2\, j!`.
    """
    weights, whole = {}, prod(range(1, 2 * degree, 2))
    for j in range(degree % 2, degree + 1, 2):
        half = (degree - j) // 2
        a = comb(degree, j) * factorial(degree - j) // (factorial(half) * 2**half)
        weights[j] = a**2 * factorial(j) / whole
    return weights


def angle_over_root(u: np.ndarray) -> np.ndarray:
    r""":math:`\theta/\sqrt u`."""
    return 2 * np.arcsin(np.sqrt(u / 2)) / np.sqrt(u)


@functools.cache
def remainder_over_power(order: int) -> Callable[[np.ndarray], np.ndarray]:
    r""":math:`|R_n|/((2n-1)!!\,u^{n+1/2})` from :math:`R_n(\theta) = \theta^{2n+1} \sum_j r_j \theta^{2j}`."""

    def remainder(u: np.ndarray) -> np.ndarray:
        ratio = angle_over_root(u)
        series = np.polyval(_series(order)[::-1], ratio**2 * u)
        return np.abs(ratio ** (2 * order + 1) * series) / odd_factorial(order)

    return remainder


@functools.cache
def _series(order: int) -> tuple[float, ...]:
    """The coefficients r_j, exactly and then rounded."""
    r = [Fraction(1)] + [Fraction(0)] * (_TERMS - 1)  # θ
    sine = [Fraction((-1) ** j, factorial(2 * j + 1)) for j in range(_TERMS)]
    for n in range(1, order + 1):
        product = [
            sum((sine[i] * r[j - i] for i in range(j + 1)), Fraction(0)) for j in range(_TERMS)
        ]
        # sin·R_{n-1} = Σ product_j θ^{2n+2j}; its integral divides by 2n + 2j + 1.
        r = [-(n**2) * p / (2 * n + 2 * j + 1) for j, p in enumerate(product)]
    return tuple(float(c) for c in r)
