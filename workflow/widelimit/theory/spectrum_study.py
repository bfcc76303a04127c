"""Spectra of kernels on data, as labelled arrays."""

from __future__ import annotations

import numpy as np
import xarray as xr

from widelimit.keys import numpy_generator
from widelimit.store import array
from widelimit.theory.spectra import decay_exponent, effective_ranks, eigenvalues

__all__ = ["spectrum_study"]

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
