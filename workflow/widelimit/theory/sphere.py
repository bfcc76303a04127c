r"""Exact eigenvalues of infinite-width kernels on the sphere :math:`S^{d-1}`.

For inputs of equal norm a fully connected kernel is a function :math:`\kappa(\cos\theta)` of the
angle, and spherical harmonics of degree :math:`k` are its eigenfunctions under the uniform
probability measure, with eigenvalue (Funk and Hecke; Bietti and Mairal 2019)

.. math:: \mu_k = \frac{1}{B(\frac12, \frac{d-1}{2})}
          \int_0^\pi \kappa(\cos\theta)\, P_k(\cos\theta) \sin^{d-2}\theta \, d\theta

and multiplicity :math:`N(d, k)`, where :math:`P_k` is the Legendre polynomial in dimension
:math:`d` with :math:`P_k(1) = 1`. In the variable :math:`\theta` the integrand is smooth, also for
ReLU, so Gauss-Legendre quadrature converges geometrically.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import beta, roots_legendre

from widelimit.kernels import Kernels
from widelimit.networks import Covariance, Layer
from widelimit.precision import precision

__all__ = [
    "degree_slope",
    "eigenvalues",
    "eigenvalues_of",
    "multiplicity",
    "on_angles",
    "repeat_by_multiplicity",
]


def on_angles(net: Layer, theta: np.ndarray, second_moment: float = 1.0) -> Kernels[np.ndarray]:
    r"""Kernels between inputs of equal norm at angles ``theta`` (radians, shape (m,)), in float64.

    The covariance is made from the angle itself, :math:`1 - \cos\theta = 2\sin^2(\theta/2)`, so that
    no digits are lost at small angles. ``second_moment`` is :math:`|x|^2/d`.
    """
    with precision("float64"):
        delta = jnp.asarray(2 * np.sin(np.asarray(theta, float) / 2) ** 2)[None, :]
        q = jnp.full((1, 1), second_moment, float)
        state = Covariance(q, q, delta, jnp.zeros_like(delta))
        out = jax.jit(lambda net, state: net.propagate(state))(net, state)
        return Kernels(np.asarray(out.nngp[0]), np.asarray(out.ntk[0]))


def eigenvalues(
    net: Layer, dimension: int, max_degree: int, nodes: int = 1000
) -> Kernels[np.ndarray]:
    """Eigenvalues of both kernels for degrees 0 … ``max_degree``, each of shape (max_degree + 1,).

    Args:
        net: a fully connected network.
        dimension: d, at least 2.
        max_degree: highest degree; the absolute error is near 1e-16 times the kernel's scale.
        nodes: quadrature nodes; several for each oscillation of the highest degree are needed.
    """
    theta, project = _projection(dimension, max_degree, nodes)
    return Kernels(*(project @ kernel for kernel in on_angles(net, theta)))


def eigenvalues_of(
    kernel: Callable[[np.ndarray], np.ndarray], dimension: int, max_degree: int, nodes: int = 1000
) -> np.ndarray:
    """Eigenvalues of any kernel given as a function of the angle, shape (max_degree + 1,)."""
    theta, project = _projection(dimension, max_degree, nodes)
    return project @ kernel(theta)


def multiplicity(dimension: int, degree: int) -> int:
    """Number of independent spherical harmonics of a degree in ``dimension`` dimensions."""
    if degree == 0:
        return 1
    return comb(degree + dimension - 1, degree) - (
        comb(degree + dimension - 3, degree - 2) if degree > 1 else 0
    )


def repeat_by_multiplicity(values: np.ndarray, dimension: int) -> np.ndarray:
    """All eigenvalues, each as often as its multiplicity, from those of degrees 0, 1, 2, ….

    Values below zero are rounding errors of zeros and become zero.
    """
    counts = [multiplicity(dimension, k) for k in range(len(values))]
    return np.repeat(np.maximum(values, 0), counts)


def degree_slope(values: np.ndarray, degrees: np.ndarray) -> float:
    r"""Slope of :math:`\log \mu_k` against :math:`\log k` over ``degrees``, by least squares."""
    return float(np.polyfit(np.log(degrees), np.log(values[degrees]), 1)[0])


def _projection(dimension: int, max_degree: int, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Quadrature angles (m,), and the matrix (max_degree + 1, m) from a kernel there to eigenvalues."""
    t, w = roots_legendre(nodes)
    theta, weight = np.pi * (t + 1) / 2, np.pi * w / 2
    weight = weight * np.sin(theta) ** (dimension - 2) / beta(0.5, (dimension - 1) / 2)
    return theta, _legendre(np.cos(theta), dimension, max_degree) * weight


def _legendre(t: np.ndarray, dimension: int, max_degree: int) -> np.ndarray:
    """P_k(t) for k = 0 … max_degree by the three-term recurrence, shape (max_degree + 1, len(t))."""
    rows = [np.ones_like(t), t]
    for k in range(1, max_degree):
        a, b = 2 * k + dimension - 2, k
        rows.append((a * t * rows[k] - b * rows[k - 1]) / (k + dimension - 2))
    return np.stack(rows[: max_degree + 1])
