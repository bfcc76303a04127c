"""What is measured, as plain data for all who are measured."""

from __future__ import annotations

import numpy as np

__all__ = [
    "ACTIVATIONS",
    "BLOCK",
    "CORNER",
    "DEPTHS",
    "DTYPES",
    "SCALES",
    "TOLERANCE",
    "data",
    "name_of",
]

ACTIVATIONS = {"relu": 4000, "erf": 4000, "gelu": 4000, "tanh": 1000}
"""Samples for each activation: fully connected, 5 hidden layers, NNGP and NTK."""

DTYPES = ("float32", "float64")

SCALES = {"w_std": 1.4, "b_std": 0.1}

TOLERANCE = 1e-4
"""What is asked of the series of tanh; the others are closed forms."""

BLOCK = 500
"""Samples of a side of the blocks in which the peer integrates tanh, 25² times the memory of a kernel."""

CORNER = 16
"""Samples whose kernel is compared with one of a tolerance of 1e-10 in float64."""

DEPTHS = (5, 100)
"""Hidden layers of the networks whose compilation is timed."""


def data(n: int, dtype: str = "float64", d: int = 784) -> np.ndarray:
    """Inputs of the size of MNIST's, standard normal."""
    return np.random.default_rng(0).standard_normal((n, d)).astype(dtype)


def name_of(activation: str, dtype: str) -> str:
    return f"{activation}, N = {ACTIVATIONS[activation]}, {dtype}"
