"""C41: power-law decay of the spectrum on the sphere."""

from __future__ import annotations

import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.networks import mlp
from widelimit.statistics import ConfidenceDistribution, exact
from widelimit.theory.sphere import degree_slope, eigenvalues

__all__ = ["CLAIM"]


def measure(
    seed: int,  # noqa: ARG001 - nothing here is random
    *,
    activation: str,
    dimension: int,
    degrees: tuple[int, int],
) -> dict[str, ConfidenceDistribution]:
    """Fit exponents over the range of degrees, leaving out those whose eigenvalue vanishes by parity.

    The error is the difference between two quadrature rules.
    """
    net = mlp(activation, 2, w_std=2**0.5)
    fits = []
    for nodes in (1000, 1500):
        spectra = eigenvalues(net, dimension, degrees[1], nodes)
        fits.append([_slope(values, degrees) for values in spectra])
    (nngp, ntk), (nngp_fine, ntk_fine) = fits
    return {
        "ntk_slope": exact(ntk_fine, abs(ntk - ntk_fine)),
        "nngp_slope": exact(nngp_fine, abs(nngp - nngp_fine)),
    }


def _slope(values: np.ndarray, degrees: tuple[int, int]) -> float:
    candidates = np.arange(degrees[0], degrees[1] + 1)
    return degree_slope(values, candidates[values[candidates] > 1e-14 * values[0]])


CLAIM = Claim(
    id="C41",
    title="Spectral decay on the sphere",
    statement=(
        "On S² the eigenvalue of degree k decays like k^(-d) for the ReLU NTK and k^(-(d+2)) for the "
        "NNGP, d = 3 (one hidden layer without biases, over its even degrees)."
    ),
    source="popular article ('rapid decay'); Bietti and Mairal 2019; Basri et al. 2019",
    statistics=(
        Statistic(
            "ntk_slope", "exponent of the NTK's eigenvalues, degrees 20-60", -3.0, -3.1, -2.9
        ),
        Statistic(
            "nngp_slope", "exponent of the NNGP's eigenvalues, degrees 20-60", -5.0, -5.15, -4.85
        ),
    ),
    settings={"activation": "relu", "dimension": 3, "degrees": (20, 60)},
    control=Control(
        "activation",
        "relu2",
        "the squared rectifier is one degree smoother: both exponents grow by two",
    ),
    measure=measure,
    figure="sphere",
    notebook="spectra",
)
"""The claim."""
