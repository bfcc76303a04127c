"""Duals of activations in 40 digits: second moments of functions of two Gaussians, and of their slopes.

Each is a pair of functions of the variances and the covariance. Slopes of smooth duals are differences in four times
as many digits, and more at large variances. What has no closed form is summed over a grid in two dimensions, in the
16 digits of float64.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from math import comb, factorial
from typing import Any

import mpmath as mp
import numpy as np
from scipy import special

__all__ = ["DUALS"]

mp.mp.dps = 40

Number = Any
Dual = Callable[[Number, Number, Number], Number]


def _differentiated(dual: Dual) -> tuple[Dual, Dual]:
    def slope(q1: Number, q2: Number, k: Number) -> Number:
        # The dual changes on the scale of the variances if they are small, and of one if they are large; exponents
        # as large as variances leave as many digits fewer.
        scale = mp.sqrt(q1 * q2) or mp.mpf(1)
        h = min(scale, 1) * mp.mpf(10) ** -mp.mp.dps
        with mp.workdps(4 * mp.mp.dps + int(abs(mp.log10(scale)))):
            return (dual(q1, q2, k + h) - dual(q1, q2, k - h)) / (2 * h)

    return dual, slope


def _angle(q1: Number, q2: Number, k: Number) -> Number:
    scale = mp.sqrt(q1 * q2)
    return mp.acos(max(-1, min(1, k / scale))) if scale else mp.pi / 2


def _rectified(a: float, b: float) -> tuple[Dual, Dual]:
    a, b = mp.mpf(a), mp.mpf(b)

    def dual(q1, q2, k):
        root = mp.sqrt(max(q1 * q2 - k * k, 0))
        return a * b * k + (b - a) ** 2 * (root + (mp.pi - _angle(q1, q2, k)) * k) / (2 * mp.pi)

    def slope(q1, q2, k):
        return a * b + (b - a) ** 2 * (mp.pi - _angle(q1, q2, k)) / (2 * mp.pi)

    return dual, slope


def _powers_of_relu(degree: int) -> tuple[Dual, Dual]:
    """J_n of Cho and Saul 2009, by its derivative formula written out for n ≤ 3."""

    def moment(n, q1, q2, k):
        t = _angle(q1, q2, k)
        s, c, rest = mp.sin(t), mp.cos(t), mp.pi - t
        j = (
            rest, s + rest * c, 3 * s * c + rest * (1 + 2 * c * c),
            15 * s - 11 * s**3 + rest * (9 * c + 6 * c**3),
        )[n]  # fmt: skip
        return mp.sqrt(q1 * q2) ** n * j / (2 * mp.pi)

    return (
        lambda q1, q2, k: moment(degree, q1, q2, k),
        lambda q1, q2, k: degree**2 * moment(degree - 1, q1, q2, k),
    )


def _erf(a: float = 1, b: float = 1, c: float = 0) -> tuple[Dual, Dual]:
    a, b, c = mp.mpf(a), mp.mpf(b), mp.mpf(c)

    def dual(q1, q2, k):
        u, v = 1 + 2 * b * b * q1, 1 + 2 * b * b * q2
        return 2 * a * a / mp.pi * mp.asin(2 * b * b * k / mp.sqrt(u * v)) + c * c

    return _differentiated(dual)


def _gelu() -> tuple[Dual, Dual]:
    def dual(q1, q2, k):
        s1, s2 = 1 + q1, 1 + q2
        d = s1 * s2 - k * k
        root = (q1 * q2 + k * k * (1 / s1 + 1 / s2 - 1)) / mp.sqrt(d)
        return k / 4 + (k * mp.asin(k / mp.sqrt(s1 * s2)) + root) / (2 * mp.pi)

    return _differentiated(dual)


def _sine(a: float = 1, b: float = 1, c: float = 0) -> tuple[Dual, Dual]:
    a, b, c = mp.mpf(a), mp.mpf(b), mp.mpf(c)

    def dual(q1, q2, k):
        near, far = (mp.exp(-b * b * (q1 + q2 - s * 2 * k) / 2) for s in (1, -1))
        return a * a / 2 * (near - mp.cos(2 * c) * far)

    return _differentiated(dual)


def _cosine(a: float = 1, b: float = 1, c: float = 0) -> tuple[Dual, Dual]:
    return _sine(a, b, mp.mpf(c) + mp.pi / 2)


def _rbf(gamma: float) -> tuple[Dual, Dual]:
    return _differentiated(lambda q1, q2, k: mp.exp(-mp.mpf(gamma) * (q1 + q2 - 2 * k)))


def _exponential(a: float, b: float) -> tuple[Dual, Dual]:
    a, b = mp.mpf(a), mp.mpf(b)
    return _differentiated(lambda q1, q2, k: a * a * mp.exp(b * b * (q1 + q2 + 2 * k) / 2))


def _gaussian(a: float, b: float) -> tuple[Dual, Dual]:
    a, b = mp.mpf(a), mp.mpf(b)
    return _differentiated(
        lambda q1, q2, k: a * a / mp.sqrt((1 + 2 * b * q1) * (1 + 2 * b * q2) - 4 * b * b * k * k)
    )


def _gabor() -> tuple[Dual, Dual]:
    """E[e^(-u²-v²) sin u sin v], by cosines of u ∓ v under the Gaussian of precision Σ⁻¹ + 2."""

    def dual(q1, q2, k):
        q = q1 * q2 - k * k
        d = 1 + 2 * (q1 + q2) + 4 * q
        s1, s2, t = (q1 + 2 * q) / d, (q2 + 2 * q) / d, k / d
        return (mp.exp(-(s1 + s2 - 2 * t) / 2) - mp.exp(-(s1 + s2 + 2 * t) / 2)) / (2 * mp.sqrt(d))

    return _differentiated(dual)


def _normalised_exponential(gamma: float, shift: float) -> tuple[Dual, Dual]:
    gamma = mp.mpf(gamma)

    def correlation(q1, q2, k):
        scale = mp.sqrt(q1 * q2)
        return scale, (k / scale if scale else mp.mpf(0))

    def dual(q1, q2, k):
        scale, c = correlation(q1, q2, k)
        return scale * mp.exp(gamma * (c + shift))

    def slope(q1, q2, k):
        return gamma * mp.exp(gamma * (correlation(q1, q2, k)[1] + shift))

    return dual, slope


def _polynomial(powers: Any) -> tuple[Dual, Dual]:
    """E[u^m v^n] by Isserlis: all ways to pair j of one with j of the other."""
    powers = [mp.mpf(p) for p in powers]

    def joint(m, n, q1, q2, k):
        def pairings(r):
            return factorial(r) // (2 ** (r // 2) * factorial(r // 2))

        return sum(
            comb(m, j) * comb(n, j) * factorial(j) * k**j
            * pairings(m - j) * q1 ** ((m - j) // 2) * pairings(n - j) * q2 ** ((n - j) // 2)
            for j in range(m % 2, min(m, n) + 1, 2)
            if (m - n) % 2 == 0
        )  # fmt: skip

    def total(coefficients, q1, q2, k):
        terms = itertools.product(enumerate(coefficients), repeat=2)
        return sum(a * b * joint(m, n, q1, q2, k) for (m, a), (n, b) in terms)

    slopes = [d * p for d, p in enumerate(powers)][1:]
    return (
        lambda q1, q2, k: total(powers, q1, q2, k),
        lambda q1, q2, k: total(slopes, q1, q2, k),
    )


def _sign() -> tuple[Dual, Dual]:
    return lambda q1, q2, k: 1 - 2 * _angle(q1, q2, k) / mp.pi, lambda *_: mp.mpf(0)


def _sigmoid_like() -> tuple[Dual, Dual]:
    return _erf(0.5, 1 / mp.mpf("2.4020563531719796"), 0.5)


NODES = np.linspace(-9, 9, 1201)
WEIGHTS = np.exp(-(NODES**2) / 2)
WEIGHTS = np.outer(WEIGHTS, WEIGHTS) / WEIGHTS.sum() ** 2
"""Equal steps of h = 0.015: for a function with poles at a distance a from the real axis the trapezoidal rule is
right to e^(-2πa/h), which is a = π/(2√q) for tanh (Trefethen and Weideman 2014)."""


def _by_grid(function: Callable[[Any], tuple[Any, Any]]) -> tuple[Dual, Dual]:
    """Of a function that returns values and slopes."""

    def expectation(which: int) -> Dual:
        def dual(q1: Number, q2: Number, k: Number) -> Number:
            along = k / mp.sqrt(q1) if q1 else mp.mpf(0)
            across = mp.sqrt(max(q2 - along**2, 0))
            u = float(mp.sqrt(q1)) * NODES[:, None]
            v = float(along) * NODES[:, None] + float(across) * NODES
            return mp.mpf(float(np.sum(WEIGHTS * function(u)[which] * function(v)[which])))

        return dual

    return expectation(0), expectation(1)


def _tanh(z: Any) -> tuple[Any, Any]:
    return np.tanh(z), 1 - np.tanh(z) ** 2


def _sigmoid(z: Any) -> tuple[Any, Any]:
    return special.expit(z), special.expit(z) * special.expit(-z)


def _silu(z: Any) -> tuple[Any, Any]:
    s, slope = _sigmoid(z)
    return z * s, s + z * slope


def _softplus(z: Any) -> tuple[Any, Any]:
    return np.logaddexp(0, z), special.expit(z)


def _mish(z: Any) -> tuple[Any, Any]:
    value, slope = _tanh(np.logaddexp(0, z))
    return z * value, value + z * slope * special.expit(z)


def _gelu_tanh(z: Any) -> tuple[Any, Any]:
    root = np.sqrt(2 / np.pi)
    value, slope = _tanh(root * (z + 0.044715 * z**3))
    return z * (1 + value) / 2, (1 + value + z * slope * root * (1 + 3 * 0.044715 * z**2)) / 2


DUALS = {
    "Relu": lambda: _rectified(0, 1), "Abs": lambda: _rectified(-1, 1), "ABRelu": _rectified,
    "LeakyRelu": lambda slope: _rectified(slope, 1), "RectifiedMonomial": _powers_of_relu,
    "Erf": _erf, "SigmoidLike": _sigmoid_like, "Gelu": _gelu, "Sin": _sine, "Cos": _cosine,
    "Rbf": _rbf, "Exp": _exponential, "Gaussian": _gaussian, "Gabor": _gabor, "Sign": _sign,
    "ExpNormalized": _normalised_exponential, "Polynomial": _polynomial,
    "Monomial": lambda degree: _polynomial([0] * degree + [1]),
    "Tanh": lambda: _by_grid(_tanh), "Sigmoid": lambda: _by_grid(_sigmoid), "Silu": lambda: _by_grid(_silu),
    "Softplus": lambda: _by_grid(_softplus), "Mish": lambda: _by_grid(_mish),
    "GeluTanh": lambda: _by_grid(_gelu_tanh),
}  # fmt: skip
