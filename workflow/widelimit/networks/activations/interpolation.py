r"""Polynomials in the place of functions that are slow to compute.

A function that is analytic but for points at a distance of at least one from [0, 1] (in its own variable) is
interpolated there at Chebyshev nodes: the error falls by :math:`3 + \sqrt 8` with each term (Trefethen 2013,
theorem 8.2). A polynomial is a chain of multiplications and additions, which are a few vector instructions,
where XLA's arctangent takes ten times as long.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from scipy.fft import dct

__all__ = ["interpolated"]

_TERMS = {4: 11, 8: 22}
"""Terms by the bytes of a number: the first that is left out is below its rounding."""


def interpolated(function: Callable[[np.ndarray], np.ndarray], u: jax.Array) -> jax.Array:
    """``function(u)`` for u in [0, 1], to rounding.

    Args:
        function: in NumPy and float64; it is called for 0 < u < 1, once for each precision.
        u: an array.
    """
    t, total = 2 * u - 1, jnp.zeros_like(u)
    for coefficient in reversed(_powers(function, _TERMS[u.dtype.itemsize])):
        total = total * t + coefficient
    return total


@functools.cache
def _powers(function: Callable[[np.ndarray], np.ndarray], terms: int) -> tuple[float, ...]:
    """Coefficients of the powers of t = 2u - 1."""
    nodes = np.cos(np.pi * (np.arange(terms) + 0.5) / terms)
    # By the cosine transform: a system of equations, as NumPy's interpolation solves, loses two digits.
    coefficients = dct(function((1 + nodes) / 2)) / terms
    coefficients[0] /= 2
    return tuple(map(float, Chebyshev(coefficients).convert(kind=Polynomial).coef))
