"""The Gaussian error linear unit, in its exact form."""

from __future__ import annotations

from math import factorial

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.activations.activation import Activation, Dual, dual_from_fall
from widelimit.networks.activations.arcsine import (
    ArcsineTerms,
    arcsine_at_one,
    arcsine_of_variance,
    arcsine_terms,
)
from widelimit.networks.activations.interpolation import interpolated
from widelimit.networks.layer import layer

__all__ = ["Gelu", "angle_less_sine", "gelu_at_one", "gelu_of_variance", "versine"]


@layer
class Gelu(Activation):
    r""":math:`\phi(z) = z\,\Phi(z)` with the Gaussian distribution function :math:`\Phi`.

    With the angles and :math:`g` of `arcsine` at :math:`a = 1`, and
    :math:`\gamma = 1/s_1 + 1/s_2`,

    .. math:: F(k) = E[\phi\phi] = \frac{k}{4} + \frac{1}{2\pi} \Big[k \arcsin\frac{k}{g}
                     + \frac{1}{g\sin\kappa} + (1 - \gamma)\,g\sin\kappa\Big]

    by Gaussian integration by parts, and :math:`E[\phi'\phi'] = dF/dk` (Price 1958). The tanh
    approximation of GELU is another function, with another kernel.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.gelu(z, approximate=False)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        terms = arcsine_terms(q1, q2, delta, offset=1.0)
        gamma = 1 / (1 + q1) + 1 / (1 + q2)
        return dual_from_fall(
            gelu_at_one, variances=(q1, q2), q1=gelu_of_variance(q1), q2=gelu_of_variance(q2),
            fall=_fall(terms, gamma, delta), dot=_dot(terms, gamma),
        )  # fmt: skip


def _fall(terms: ArcsineTerms, gamma: jax.Array, delta: jax.Array) -> jax.Array:
    r""":math:`F(m) - F(k)`.

    The arcsine is :math:`\arcsin(m/g) - h` with :math:`h = \kappa - \mu`, and
    :math:`h\cos\kappa - (\sin\kappa - \sin\mu) = (h - \sin h)\cos\kappa - (1 - \cos h)\sin\kappa` has no
    large terms that cancel.
    """
    g, cos_m, sin_m, cos_k, sin_k, arcsine_m, h = terms
    w = (h / jnp.pi) ** 2
    rise = cos_m**2 * delta * (2 - delta) / (sin_m + sin_k)  # sin κ - sin μ
    bent = h**2 * (cos_k * h * interpolated(angle_less_sine, w) - sin_k * interpolated(versine, w))
    inverse = 1 / (g * sin_m) / (g * sin_k)
    straight = cos_m * delta * (jnp.pi / 2 + arcsine_m)
    return g * (straight + bent + rise * (inverse + gamma)) / (2 * jnp.pi)


def _dot(terms: ArcsineTerms, gamma: jax.Array) -> jax.Array:
    r""":math:`dF/dk` to a rounding of one, where :math:`dg\sin\kappa/dk = -\cos\kappa/\sin\kappa`."""
    slope = terms.cos_k / terms.sin_k * (gamma + 1 / (terms.scale * terms.sin_k) ** 2)
    return 0.25 + (terms.arcsine_m - terms.fall + slope) / (2 * jnp.pi)


def gelu_at_one(root1: jax.Array, root2: jax.Array) -> jax.Array:
    """F(m) of standard deviations."""
    _, cosine, sine, arcsine = arcsine_at_one(root1, root2, 1.0)
    gamma = 1 / (1 + root1**2) + 1 / (1 + root2**2)
    return _parallel(root1 * root2, arcsine, gamma * cosine / sine)


def gelu_of_variance(q: jax.Array) -> jax.Array:
    """E[φ²] at variance q: F(m) with both variances equal."""
    return _parallel(q, arcsine_of_variance(q, 1.0), 2 * (q / (1 + q)) / jnp.sqrt(1 + 2 * q))


def _parallel(m: jax.Array, arcsine: jax.Array, slope: jax.Array) -> jax.Array:
    r""":math:`F(m) = m/4 + m(\arcsin(m/g) + \gamma\cot\mu)/2\pi`."""
    return m * (0.25 + (arcsine + slope) / (2 * jnp.pi))


def angle_less_sine(w: np.ndarray) -> np.ndarray:
    r""":math:`(h - \sin h)/h^3` at :math:`h = \pi\sqrt w`, by its series."""
    return np.polyval([(-1) ** j / factorial(2 * j + 3) for j in reversed(range(20))], np.pi**2 * w)


def versine(w: np.ndarray) -> np.ndarray:
    r""":math:`(1 - \cos h)/h^2` at :math:`h = \pi\sqrt w`."""
    return np.sinc(np.sqrt(w) / 2) ** 2 / 2
