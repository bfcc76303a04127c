"""C14: the recursion for NNGP and NTK with biases."""

from __future__ import annotations

import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.kernels import compute
from widelimit.networks import mlp
from widelimit.statistics import ConfidenceDistribution, exact
from widelimit.theory.gaussian_quadrature import mlp_kernels

__all__ = ["CLAIM"]

_POINTS = np.array([[1.0, 0.5, -0.25], [0.5, -1.0, 0.0], [-1.0, -0.5, 0.25], [0.3, 0.8, 1.2]])
_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 3))


def measure(
    seed: int,  # noqa: ARG001 - nothing here is random
    *,
    activations: tuple[str, ...],
    depths: tuple[int, ...],
    scales: tuple[tuple[float, float], ...],
    input_power: float,
) -> dict[str, ConfidenceDistribution]:
    """Compare closed forms with quadrature for all activations, depths, scales and pairs of inputs.

    The first layer's product of inputs is divided by :math:`n_0` to the power ``input_power``.
    """
    errors = []
    scaled = _POINTS * 3 ** ((1 - input_power) / 2)
    for activation in activations:
        for depth in depths:
            for w_std, b_std in scales:
                net = mlp(activation, depth, w_std=w_std, b_std=b_std)
                closed = compute(net, scaled)
                for i, j in _PAIRS:
                    numbers = mlp_kernels(
                        activation, depth, _POINTS[i], _POINTS[j], w_std=w_std, b_std=b_std
                    )
                    for kernel, number in zip(closed, numbers, strict=True):
                        errors.append(abs(kernel[i, j] - number) / abs(number))
    return {"relative_error": exact(float(np.max(errors)))}


CLAIM = Claim(
    id="C14",
    title="Recursion of the NNGP and the NTK",
    statement=(
        "Σ₁ = Θ₁ = σ_w² x·y/n₀ + σ_b², Σ_{k+1} = σ_w² E[φφ] + σ_b², "
        "Θ_{k+1} = Σ_{k+1} + σ_w² E[φ'φ'] Θ_k, with a 2 × 2 covariance under the expectation: the closed "
        "forms for ReLU, leaky ReLU, erf, GELU and sine agree with numerical integration."
    ),
    source="Costa, eq. 14-20; Jacot, Gabriel and Hongler 2018; Lee et al. 2019",
    erratum=(
        "Costa's eq. 14 prints x·y/√n₀; with eq. 2 and standard normal weights it is x·y/n₀, as in his "
        "eq. 18. Eq. 15 and 20 print a scalar covariance where a 2 × 2 one is meant."
    ),
    statistics=(
        Statistic(
            "relative_error", "largest relative difference to quadrature", 0.0, -np.inf, 1e-9
        ),
    ),
    settings={
        "activations": ("relu", "leaky_relu", "erf", "gelu", "sin"),
        "depths": (2, 5),
        "scales": ((1.5, 0.1), (1.0, 1.0), (2**0.5, 0.5)),
        "input_power": 1.0,
    },
    control=Control(
        "input_power",
        0.5,
        "it is the first layer as eq. 14 prints it, divided by √n₀ and not by n₀",
    ),
    measure=measure,
    figure="kernels",
    notebook="kernels",
)
"""The claim."""
