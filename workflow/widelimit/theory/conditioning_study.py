"""Condition numbers of tangent kernels against depth in each phase, as labelled arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from widelimit.kernels import compute
from widelimit.networks import mlp
from widelimit.store import array
from widelimit.theory.spectra import conditioning

__all__ = ["PHASES", "conditioning_study"]


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
