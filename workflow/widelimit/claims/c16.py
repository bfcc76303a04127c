"""C16: the closed form of the two-layer ReLU tangent kernel."""

from __future__ import annotations

import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.kernels import compute
from widelimit.keys import numpy_generator
from widelimit.networks import mlp
from widelimit.statistics import ConfidenceDistribution, exact
from widelimit.theory.gaussian_quadrature import mlp_kernels

__all__ = ["CLAIM"]


def measure(
    seed: int, *, form: str, pairs: int, dimension: int
) -> dict[str, ConfidenceDistribution]:
    """Compare a closed form with quadrature on random, identical, antipodal and very close inputs."""
    rng = numpy_generator(seed, "c16")
    x = rng.standard_normal((pairs, dimension))
    other = rng.standard_normal((pairs, dimension))
    evaluate = {"stable": _stable, "arccosine": _arccosine}[form]
    generic = [
        _error(evaluate, x, other),
        _error(evaluate, x, x),
        _error(evaluate, x, -x, scale=np.sum(x**2, axis=1) / dimension),
    ]
    close = [
        _error(evaluate, x, x + distance * other) for distance in (1e-2, 1e-4, 1e-6, 1e-8, 1e-9)
    ]
    return {"error": exact(float(np.max(generic))), "close_error": exact(float(np.max(close)))}


def _error(evaluate, x: np.ndarray, y: np.ndarray, scale: np.ndarray | None = None) -> float:
    """Largest error relative to the kernel, or to ``scale`` where the kernel vanishes."""
    exact_value = np.array([_quadrature(a, b) for a, b in zip(x, y, strict=True)])
    scale = np.abs(exact_value) if scale is None else scale
    return float(np.max(np.abs(evaluate(x, y) - exact_value) / scale))


def _stable(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The kernel of this package, for pairs."""
    return np.diag(compute(mlp("relu", 2, w_std=2**0.5), x, y).ntk)


def _arccosine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The textbook form: the angle as the arc-cosine of a normalised inner product."""
    norms = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    c = np.clip(np.sum(x * y, axis=1) / norms, -1, 1)
    theta = np.arccos(c)
    kappa0 = (np.pi - theta) / np.pi
    kappa1 = (np.sin(theta) + (np.pi - theta) * c) / np.pi
    return 2 * norms / x.shape[1] * (kappa1 + c * kappa0)


def _quadrature(x: np.ndarray, y: np.ndarray) -> float:
    """The kernel by integration; the angle comes from the difference of unit vectors."""
    unit_x, unit_y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    angle = float(2 * np.arctan2(np.linalg.norm(unit_x - unit_y), np.linalg.norm(unit_x + unit_y)))
    norms = float(np.linalg.norm(x) * np.linalg.norm(y)) / len(x)
    a, b = np.array([1.0, 0.0]), np.array([np.cos(angle), np.sin(angle)])
    if angle < 1e-3:
        # Too close for coordinates in a plane: κ₁ + c κ₀ to the third power of the angle.
        return 2 * norms * (2 - angle / np.pi - angle**2 + 5 * angle**3 / (6 * np.pi))
    return norms * mlp_kernels("relu", 2, a, b, w_std=2**0.5, b_std=0.0)[1] * 2


CLAIM = Claim(
    id="C16",
    title="Closed form of the two-layer ReLU kernel",
    statement=(
        "At σ_w² = 2 without biases Θ(x, y) = (2/n₀)|x||y| (κ₁(c) + c κ₀(c)) with the arc-cosine kernels "
        "κ₀, κ₁: a function of norms and angle alone. Written for 1 - c, with identical and antipodal "
        "inputs recognised by their bits, it is exact for those; for inputs closer than float64 inner "
        "products can tell it is good to the square root of the rounding error, as any form is that "
        "starts from an inner product."
    ),
    source="popular article on infinite-width networks, 'Principles and Mechanisms'; Cho and Saul 2009",
    erratum="the formula was lost in the article's extraction",
    statistics=(
        Statistic(
            "error", "largest relative error on random, identical and antipodal inputs",
            0.0, -np.inf, 1e-12,
        ),
        Statistic(
            "close_error", "largest relative error on inputs 1e-2 … 1e-9 apart", 0.0, -np.inf, 1e-7
        ),
    ),
    settings={"form": "stable", "pairs": 40, "dimension": 7},
    control=Control(
        "form", "arccosine", "the arc-cosine of a rounded inner product loses half of all digits at c = 1"
    ),
    measure=measure,
    figure="kernels",
    notebook="kernels",
)  # fmt: skip
"""The claim."""
