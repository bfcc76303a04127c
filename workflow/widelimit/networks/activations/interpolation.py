r"""Polynomials in the place of functions that are slow to compute.

A function is interpolated on [0, 1] at Chebyshev nodes by as many terms as its numbers have digits: one that is
analytic inside the ellipse around [0, 1] through -1 and 2, as it is if it has singularities on the real axis
alone and at a distance of one or more, loses :math:`3 + \sqrt 8` in error with each term (Trefethen 2013, theorem
8.2). A polynomial is a chain of multiplications and additions, which are a few vector instructions, where XLA's
arctangent takes ten times as long.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from scipy.fft import dct

__all__ = ["interpolated", "powers_of"]

_NODES = 32
"""Nodes, and the largest number of terms."""


def interpolated(function: Callable[[np.ndarray], np.ndarray], u: jax.Array) -> jax.Array:
    """``function(u)`` for u in [0, 1], to rounding.

    Args:
        function: in NumPy and float64; it is called for 0 < u < 1, once for each precision.
        u: an array.
    """
    t, total = 2 * u - 1, jnp.zeros_like(u)
    for coefficient in reversed(powers_of(function, float(jnp.finfo(u.dtype).eps))):
        total = total * t + coefficient
    return total


@functools.cache
def powers_of(function: Callable[[np.ndarray], np.ndarray], eps: float) -> tuple[float, ...]:
    """Coefficients of the powers of t = 2u - 1, up to the first Chebyshev polynomial that counts for less than rounding."""
    nodes = np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
    # By the cosine transform: a system of equations, as NumPy's interpolation solves, loses two digits.
    coefficients = dct(function((1 + nodes) / 2)) / _NODES
    coefficients[0] /= 2
    size = np.abs(coefficients)
    needed = int(np.argmax(size < eps / 4 * size.max())) or _NODES
    return tuple(map(float, Chebyshev(coefficients[:needed]).convert(kind=Polynomial).coef))
