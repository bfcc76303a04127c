"""Condition numbers of tangent kernels against depth in each phase, as labelled arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from widelimit.networks import Covariance, Serial, mlp
from widelimit.precision import precision
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


def _kernels(phase: Phase, x: np.ndarray, depths: Sequence[int]) -> np.ndarray:
    """Tangent kernels at all depths from one pass through the deepest network, (depths, m, m)."""
    block = mlp(phase.activation, 2, w_std=phase.w_std, b_std=phase.b_std)
    hidden, readout = Serial(*block.layers[:-1]), block.layers[-1]

    @jax.jit
    def pass_through(x):
        def deeper(state, _):
            return hidden.propagate(state), readout.propagate(state).ntk

        # The first layer is apart: the channels of raw inputs are not infinitely many.
        inputs = Covariance.of_inputs(x, x)
        first = readout.propagate(inputs).ntk[None]
        others = jax.lax.scan(deeper, hidden.propagate(inputs), None, length=max(depths) - 1)[1]
        return jnp.concatenate([first, others])

    with precision("float64"):
        return np.asarray(pass_through(jnp.asarray(x)))[np.array(depths) - 1]


def conditioning_study(x: np.ndarray, depths: Sequence[int]) -> xr.Dataset:
    """Extreme eigenvalues and condition number of the NTK on ``x`` (m, d) against depth and phase."""
    results = np.array(
        [[conditioning(kernel) for kernel in _kernels(phase, x, depths)] for phase in PHASES]
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
