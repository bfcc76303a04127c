"""Spectra of kernels on data, on the sphere, and against depth, as labelled arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from widelimit.datasets.generated import uniform_sphere
from widelimit.kernels import compute
from widelimit.keys import numpy_generator
from widelimit.networks import Layer, mlp
from widelimit.store import array
from widelimit.theory import sphere
from widelimit.theory.spectra import conditioning, decay_exponent, effective_ranks, eigenvalues

__all__ = ["PHASES", "conditioning_study", "spectrum_study", "sphere_study"]

_KERNELS = ("nngp", "ntk")


def spectrum_study(kernels: xr.Dataset, *, seed: int, decay_range: tuple[int, int]) -> xr.Dataset:
    """Eigenvalues, decay exponents and effective ranks of the kernels on training samples.

    Args:
        kernels: ``nngp`` and ``ntk`` (sample, sample_other) with the coordinate ``split``.
        seed: the study's seed, for the half-samples behind the intervals.
        decay_range: indices from 1 in which the exponent is fitted.
    """
    training = np.flatnonzero(kernels.split.values == "train")
    rng = numpy_generator(seed, "spectrum", kernels.attrs["dataset"], kernels.attrs["network"])
    n = len(training)
    first, last = decay_range[0], min(decay_range[1], n // 2)
    ranks = np.unique(np.geomspace(1, max(2, n // 2), 30).astype(int))
    values, fits, tails = [], [], []
    for name in _KERNELS:
        matrix = kernels[name].values[np.ix_(training, training)]
        values.append(eigenvalues(matrix))
        fits.append(decay_exponent(matrix, rng, first=first, last=last).exponent)
        tails.append(effective_ranks(values[-1], ranks))
    return xr.Dataset(
        {
            "eigenvalue": array(
                values, ("kernel", "mode"), "eigenvalue of the kernel matrix over n"
            ),
            "exponent": array(
                [f.estimate for f in fits], "kernel", "exponent a of the decay λ_i ∝ i^(-a)"
            ),
            "exponent_interval": array(
                [f.interval() for f in fits], ("kernel", "bound"), "95 % interval of the exponent"
            ),
            "r": array([t[0] for t in tails], ("kernel", "rank"), "effective rank r_k of the tail"),
            "R": array([t[1] for t in tails], ("kernel", "rank"), "effective rank R_k of the tail"),
        },
        {
            "kernel": array(list(_KERNELS), "kernel", "kernel"),
            "mode": array(np.arange(1, n + 1), "mode", "index of the eigenvalue"),
            "rank": array(ranks, "rank", "leading eigenvalues left out, k"),
            "bound": array(["low", "high"], "bound", "end of the interval"),
        },
        {**kernels.attrs, "decay_range": [first, last]},
    )


def sphere_study(
    net: Layer, *, seed: int, dimension: int, degrees: int, samples: int
) -> xr.Dataset:
    """Exact eigenvalues on the sphere beside those of a kernel matrix of random points."""
    exact = sphere.eigenvalues(net, dimension, degrees)
    points = uniform_sphere(numpy_generator(seed, "sphere", dimension), samples, dimension)
    theta = np.linspace(0, np.pi, 181)
    return xr.Dataset(
        {
            "kernel_value": array(
                sphere.on_angles(net, theta), ("kernel", "angle"), "kernel at an angle, |x|² = d"
            ),
            "eigenvalue": array(list(exact), ("kernel", "degree"), "eigenvalue of a degree, exact"),
            "multiplicity": array(
                [sphere.multiplicity(dimension, k) for k in range(degrees + 1)],
                "degree",
                "number of spherical harmonics of a degree",
            ),
            "sampled": array(
                [eigenvalues(matrix) for matrix in compute(net, points)],
                ("kernel", "mode"),
                "eigenvalue of the kernel matrix of random points over their number",
            ),
        },
        {
            "kernel": array(list(_KERNELS), "kernel", "kernel"),
            "degree": array(np.arange(degrees + 1), "degree", "degree of the spherical harmonics"),
            "mode": array(np.arange(1, samples + 1), "mode", "index of the eigenvalue"),
            "angle": array(np.degrees(theta), "angle", "angle between inputs", "degree"),
        },
        {"dimension": dimension},
    )


class Phase(NamedTuple):
    """A point of the phase diagram."""

    name: str
    activation: str
    w_std: float
    b_std: float | None


PHASES = (
    Phase("ordered: ReLU, σ_w² = 1, σ_b² = 1", "relu", 1.0, 1.0),
    Phase("critical: ReLU, σ_w² = 2, σ_b² = 0", "relu", 2**0.5, None),
    Phase("chaotic: erf, σ_w² = 4, σ_b² = 0.01", "erf", 2.0, 0.1),
)
"""One network for each phase (Poole et al. 2016; Xiao et al. 2020)."""


def conditioning_study(x: np.ndarray, depths: Sequence[int]) -> xr.Dataset:
    """Extreme eigenvalues and condition number of the NTK on ``x`` (m, d) against depth and phase."""
    results = np.array(
        [
            [
                conditioning(compute(mlp(p.activation, depth, w_std=p.w_std, b_std=p.b_std), x).ntk)
                for depth in depths
            ]
            for p in PHASES
        ]
    )
    dims = ("phase", "depth")
    return xr.Dataset(
        {
            "smallest": array(results[..., 0], dims, "smallest eigenvalue of the NTK matrix"),
            "largest": array(results[..., 1], dims, "largest eigenvalue of the NTK matrix"),
            "condition": array(results[..., 2], dims, "condition number of the NTK matrix"),
        },
        {
            "phase": array([p.name for p in PHASES], "phase", "phase of the initialisation"),
            "depth": array(list(depths), "depth", "weight layers"),
        },
        {"samples": len(x)},
    )
