r"""Synthetic inputs on which the theory is exact, with teacher functions.

All inputs have :math:`|x|^2 = d`, so that their second moment :math:`q = |x|^2/d` is one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from widelimit.datasets.samples import Samples
from widelimit.errors import InputError

__all__ = ["DOMAINS", "TEACHERS", "generate", "uniform_sphere"]


def uniform_sphere(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    r"""``n`` points uniform on the sphere of radius :math:`\sqrt d` in ``d`` dimensions, (n, d)."""
    x = rng.standard_normal((n, d))
    return x * np.sqrt(d) / np.linalg.norm(x, axis=1, keepdims=True)


def _circle(_rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Equally spaced points, so that kernel matrices are circulant."""
    if d != 2:
        raise InputError(f"a circle has dimension 2, got {d}.")
    angle = 2 * np.pi * np.arange(n) / n
    return np.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _hypercube(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Corners of {-1, 1}^d, each at most once."""
    if n > 2**d:
        raise InputError(f"the hypercube of dimension {d} has {2**d} corners, got samples={n}.")
    corners = rng.choice(2**d, size=n, replace=False)
    return 2.0 * ((corners[:, None] >> np.arange(d)) & 1) - 1


DOMAINS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "circle": _circle,
    "hypercube": _hypercube,
    "sphere": uniform_sphere,
}
"""Samplers ``(rng, n, d) -> (n, d)`` by name."""

TEACHERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "zero": lambda x: np.zeros(len(x)),
    "linear": lambda x: x[:, 0],
    "quadratic": lambda x: (x[:, 0] ** 2 - 1) / np.sqrt(2),
    "product": lambda x: x[:, 0] * x[:, 1],
    "parity3": lambda x: x[:, 0] * x[:, 1] * x[:, 2],
    "sine": lambda x: np.sin(3 * x[:, 0]),
}
"""Target functions of the first coordinates, (n, d) -> (n,), by name."""


def generate(
    domain: str, rng: np.random.Generator, *, samples: int, dimension: int, teacher: str
) -> Samples:
    """Draw inputs from a domain of `DOMAINS` and label them by a teacher of `TEACHERS`."""
    if teacher == "parity3" and dimension < 3:
        raise InputError(f"teacher parity3 needs dimension 3 or more, got {dimension}.")
    x = DOMAINS[domain](rng, samples, dimension)
    origin = f"{samples} points on the {domain} in dimension {dimension}, |x|² = {dimension}; "
    return Samples(x, TEACHERS[teacher](x)[:, None], origin + f"teacher: {teacher}")
