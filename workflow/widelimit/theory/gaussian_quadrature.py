r"""Infinite-width kernels by plain numerical integration: the route that shares no formula.

Each layer's expectation is a two-dimensional Gaussian integral. With
:math:`u = \sqrt{q_1}\, r \cos\alpha` and :math:`v = \sqrt{q_2}\, r \cos(\alpha - \theta)`, where
:math:`\cos\theta` is the correlation,

.. math:: E[g(u) h(v)] = \frac{1}{2\pi} \int_0^{2\pi} d\alpha \int_0^\infty r e^{-r^2/2} g(u) h(v)\, dr.

In these coordinates the kinks of rectified functions are rays :math:`\alpha = \pm\pi/2` and
:math:`\theta \pm \pi/2`; the angle is integrated from ray to ray, so kinks cost no accuracy.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

__all__ = ["SCALAR_FUNCTIONS", "expectation", "mlp_kernels"]

Scalar = Callable[[np.ndarray], np.ndarray]


def _erf(z: np.ndarray) -> np.ndarray:
    from scipy.special import erf

    return erf(z)


def _normal_cdf(z: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return ndtr(z)


def _normal_density(z: np.ndarray) -> np.ndarray:
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


SCALAR_FUNCTIONS: dict[str, tuple[Scalar, Scalar]] = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.1 * z), lambda z: np.where(z > 0, 1, 0.1)),
    "erf": (_erf, lambda z: 2 / np.sqrt(np.pi) * np.exp(-(z**2))),
    "gelu": (
        lambda z: z * _normal_cdf(z),
        lambda z: _normal_cdf(z) + z * _normal_density(z),
    ),
    "sin": (np.sin, np.cos),
    "relu2": (lambda z: np.maximum(z, 0) ** 2, lambda z: 2 * np.maximum(z, 0)),
    "square": (lambda z: z**2, lambda z: 2 * z),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}
"""Activations and their derivatives as NumPy functions, by the names of `networks.mlp`."""


def expectation(
    g: Scalar, h: Scalar, q1: float, q2: float, covariance: float, order: int = 64
) -> float:
    """E[g(u) h(v)] for centred Gaussians of variances q1, q2 > 0 and the given covariance.

    Args:
        g, h: functions, smooth except possibly at zero.
        q1, q2, covariance: second moments.
        order: quadrature nodes in the radius and in each part of the angle.
    """
    theta = np.arccos(np.clip(covariance / np.sqrt(q1 * q2), -1, 1))
    rays = np.array([-np.pi / 2, np.pi / 2, theta - np.pi / 2, theta + np.pi / 2])
    rays = np.sort(np.mod(rays, 2 * np.pi))
    ends = np.append(rays, rays[0] + 2 * np.pi)
    node, weight = np.polynomial.legendre.leggauss(order)
    # 12 standard deviations hold all but 1e-31 of the mass.
    r, wr = 6 * (node + 1), 6 * weight
    total = 0.0
    for low, high in pairwise(ends):
        if high - low < 1e-14:
            continue
        angle, wa = low + (high - low) * (node + 1) / 2, (high - low) / 2 * weight
        u = np.sqrt(q1) * r[:, None] * np.cos(angle)
        v = np.sqrt(q2) * r[:, None] * np.cos(angle - theta)
        total += (wr * r * np.exp(-(r**2) / 2)) @ (g(u) * h(v)) @ wa
    return float(total / (2 * np.pi))


def mlp_kernels(
    activation: str,
    depth: int,
    x: np.ndarray,
    y: np.ndarray,
    *,
    w_std: float,
    b_std: float,
    input_power: float = 1.0,
) -> tuple[float, float]:
    r"""NNGP and NTK of a perceptron for one pair of inputs, by quadrature layer by layer.

    .. math:: \Sigma_1 = \Theta_1 = \sigma_w^2\, x \cdot y / n_0 + \sigma_b^2, \quad
        \Sigma_{k+1} = \sigma_w^2 E[\phi\phi] + \sigma_b^2, \quad
        \Theta_{k+1} = \Sigma_{k+1} + \sigma_w^2 E[\phi'\phi'] \Theta_k .

    Args:
        activation: a key of `SCALAR_FUNCTIONS`.
        depth: number of weight layers.
        x, y: two inputs, shape (n0,).
        w_std, b_std: standard deviations.
        input_power: the first layer divides by :math:`n_0` to this power; Costa's eq. 14 prints 1/2.

    Returns:
        Σ and Θ of the last layer.
    """
    phi, slope = SCALAR_FUNCTIONS[activation]
    scale = len(x) ** input_power
    q1, q2, k = (w_std**2 * float(a @ b) / scale + b_std**2 for a, b in ((x, x), (y, y), (x, y)))
    theta = k
    for _ in range(depth - 1):
        dot = expectation(slope, slope, q1, q2, k)
        q1, q2, k = (
            w_std**2 * expectation(phi, phi, *moments) + b_std**2
            for moments in ((q1, q1, q1), (q2, q2, q2), (q1, q2, k))
        )
        theta = k + w_std**2 * dot * theta
    return k, theta
