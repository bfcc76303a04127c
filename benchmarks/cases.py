"""What is measured, as plain data for all who are measured."""

from __future__ import annotations

import numpy as np

__all__ = [
    "ACTIVATIONS",
    "BLOCK",
    "CORNER",
    "DEPTHS",
    "DTYPES",
    "IMAGES",
    "OPERATIONS",
    "SCALES",
    "TOLERANCE",
    "data",
    "image_name",
    "image_pairs",
    "images",
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


IMAGES = {
    "4 layers, global average": ((3,), "global", 64),
    "11 layers, global average": ((10,), "global", 32),
    "11 layers, flat": ((10,), "flat", 512),
    "Myrtle-5, flat": ((2, 1, 1), "flat", 128),
    "Myrtle-10, flat": ((3, 3, 3), "flat", 128),
}
"""Convolutions of 3 × 3 with ReLU between averages over 2 × 2, what joins positions, and images along a side of a tile."""

OPERATIONS = {"float32": 68, "float64": 126}
"""Additions and multiplications at a pair of positions and layer: 13 of the convolution, 15 or 19 of the square root, 28 or
72 of two polynomials, and what binds them."""


def images(n: int, dtype: str) -> np.ndarray:
    """Inputs of the size of CIFAR-10's, standard normal."""
    return np.random.default_rng(0).standard_normal((n, 32, 32, 3)).astype(dtype)


def image_pairs(name: str, peer: bool) -> tuple[int, int]:
    """Images of both sides: two tiles, and for the peer as few as fill its time."""
    side = IMAGES[name][2]
    return (2, 4) if peer else (side, 2 * side)


def image_name(name: str, dtype: str) -> str:
    return f"{name}, {dtype}"


def data(n: int, dtype: str = "float64", d: int = 784) -> np.ndarray:
    """Inputs of the size of MNIST's, standard normal."""
    return np.random.default_rng(0).standard_normal((n, d)).astype(dtype)


def name_of(activation: str, dtype: str) -> str:
    return f"{activation}, N = {ACTIVATIONS[activation]}, {dtype}"
