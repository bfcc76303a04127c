r"""Arc-cosine functions of :math:`\delta = 1 - c` (Cho and Saul 2009), accurate at both ends.

For standard Gaussians :math:`u, v` of correlation :math:`c = \cos\theta` and the rectifier
:math:`(u)_+^n`,

.. math:: E[(u)_+^n (v)_+^n] = \frac{J_n(\theta)}{2\pi}, \quad
    J_0 = \pi - \theta, \quad
    J_1 = \sin\theta + (\pi - \theta)\cos\theta, \quad
    J_2 = 3 \sin\theta \cos\theta + (\pi - \theta)(1 + 2\cos^2\theta).

As functions of :math:`c` these lose half of their digits at :math:`c \to 1`, where
:math:`\theta \approx \sqrt{2\delta}`. Here they are written for :math:`\delta`, so that identical
(:math:`\delta = 0`) and antipodal (:math:`\delta = 2`) inputs are exact.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import safe_sqrt

__all__ = ["kappa0", "one_minus_kappa1", "one_minus_kappa2"]


@jax.custom_jvp
def kappa0(delta: jax.Array) -> jax.Array:
    r""":math:`J_0/\pi = 1 - \theta/\pi`: 1 for identical, 0 for antipodal inputs.

    Its slope is infinite at both ends, where the kernel has a cusp; the derivative returned there is
    the symmetric one, zero.
    """
    return (2 / jnp.pi) * jnp.arctan2(jnp.sqrt(2 - delta), jnp.sqrt(delta))


@kappa0.defjvp
def _(primals, tangents):
    (delta,), (d_delta,) = primals, tangents
    sine = _sine(delta)
    inside = sine > 0
    slope = jnp.where(inside, -1 / (jnp.pi * jnp.where(inside, sine, 1)), 0)
    return kappa0(delta), slope * d_delta


@jax.custom_jvp
def one_minus_kappa1(delta: jax.Array) -> jax.Array:
    r""":math:`1 - J_1/\pi = \delta - (\sin\theta - \theta\cos\theta)/\pi`; its derivative is `kappa0`."""
    theta = _angle(delta)
    return jnp.clip(delta - _sine_minus_angle_cosine(theta) / jnp.pi, 0, 1)


@one_minus_kappa1.defjvp
def _(primals, tangents):
    (delta,), (d_delta,) = primals, tangents
    return one_minus_kappa1(delta), kappa0(delta) * d_delta


def one_minus_kappa2(delta: jax.Array) -> jax.Array:
    r""":math:`1 - J_2/3\pi = \frac{1}{3\pi}[3(\theta - \sin\theta\cos\theta) + 2(\pi-\theta)\sin^2\theta]`."""
    theta = _angle(delta)
    double = _angle_minus_sine(2 * theta) / 2
    sine2 = delta * (2 - delta)
    return jnp.clip((3 * double + 2 * jnp.pi * kappa0(delta) * sine2) / (3 * jnp.pi), 0, 1)


def _sine(delta: jax.Array) -> jax.Array:
    return safe_sqrt(delta * (2 - delta))


def _angle(delta: jax.Array) -> jax.Array:
    return 2 * jnp.arctan2(safe_sqrt(delta), safe_sqrt(2 - delta))


def _sine_minus_angle_cosine(theta: jax.Array) -> jax.Array:
    r""":math:`\sin\theta - \theta\cos\theta`, which is :math:`\theta^3/3` to leading order."""
    t2 = theta**2
    series = theta * t2 / 3 * (1 - t2 / 10 * (1 - t2 / 28 * (1 - t2 / 54)))
    return jnp.where(theta < 0.1, series, jnp.sin(theta) - theta * jnp.cos(theta))


def _angle_minus_sine(theta: jax.Array) -> jax.Array:
    r""":math:`\theta - \sin\theta`, which is :math:`\theta^3/6` to leading order."""
    t2 = theta**2
    series = theta * t2 / 6 * (1 - t2 / 20 * (1 - t2 / 42 * (1 - t2 / 72)))
    return jnp.where(theta < 0.1, series, theta - jnp.sin(theta))
