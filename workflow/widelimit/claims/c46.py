"""C46: the tangent kernel is positive definite on distinct inputs."""

from __future__ import annotations

import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.kernels import compute
from widelimit.keys import numpy_generator
from widelimit.networks import mlp
from widelimit.statistics import ConfidenceDistribution, exact

__all__ = ["CLAIM"]


def measure(
    seed: int, *, activation: str, sets: int, points: int, threshold: float
) -> dict[str, ConfidenceDistribution]:
    """Count the random sets on which λ_min exceeds ``threshold`` times the trace.

    A third of the sets are scalars (all inputs parallel), a third contain antipodal and collinear
    inputs, a third are in general position; distinct inputs are at least 0.1 apart.
    """
    net = mlp(activation, 2, w_std=1.0, b_std=1.0)
    positive = 0
    for i in range(sets):
        x = _inputs(numpy_generator(seed, "c46", i), points, i % 3)
        kernel = compute(net, x).ntk
        positive += np.linalg.eigvalsh(kernel)[0] > threshold * np.trace(kernel)
    return {"positive": exact(float(positive))}


def _inputs(rng: np.random.Generator, points: int, kind: int) -> np.ndarray:
    dimension = 1 if kind == 0 else int(rng.integers(2, 5))
    chosen: list[np.ndarray] = []
    while len(chosen) < points:
        x = 2 * rng.standard_normal(dimension)
        if kind == 1 and chosen and len(chosen) % 2:
            x = chosen[-1] * (-1.0 if len(chosen) % 4 == 1 else 2.0)
        if all(np.linalg.norm(x - other) >= 0.1 for other in chosen):
            chosen.append(x)
        elif kind == 1:
            chosen.pop()
    return np.array(chosen)


CLAIM = Claim(
    id="C46",
    title="λ_min > 0 for distinct inputs",
    statement=(
        "With biases and a non-polynomial activation the tangent kernel of distinct inputs is strictly "
        "positive definite, also if inputs are parallel (decided for ReLU with one hidden layer)."
    ),
    source="Costa, end of section 3.1; Carvalho, Costa, Mourão and Oliveira 2025",
    erratum="the text does not say that biases are needed; without them parallel inputs break it",
    statistics=(Statistic("positive", "sets of 100 with λ_min > 1e-12 tr Θ", 100, 100, 100),),
    settings={"activation": "relu", "sets": 100, "points": 8, "threshold": 1e-12},
    control=Control(
        "activation",
        "square",
        "the kernel of a quadratic has the rank of the quadratics, 3 on scalars and 6 in the plane, so 8 "
        "inputs are too many there",
    ),
    measure=measure,
    figure="conditioning",
    notebook="spectra",
)
"""The claim."""
