"""Finite-width scaling of one network on one data set, from kernels to labelled arrays."""

from __future__ import annotations

import numpy as np
import xarray as xr

from widelimit.keys import numpy_generator
from widelimit.store import array
from widelimit.theory.width_scaling import envelope, relative_error, rms, rms_slope

__all__ = ["width_scaling_study"]


def width_scaling_study(
    empirical: xr.Dataset, analytic: xr.Dataset, *, seed: int, fit_from: int
) -> xr.Dataset:
    """Distance of empirical tangent kernels to the analytic one, its exponent, and their spectra.

    Args:
        empirical: ``ntk`` (width, seed, sample, sample_other), may be lazy.
        analytic: ``ntk`` (sample, sample_other) on these samples and more.
        seed: the study's seed, for the bootstrap over draws.
        fit_from: smallest width that enters the fit.
    """
    samples = empirical.sample.values
    limit = analytic.ntk.sel(sample=samples, sample_other=samples).values
    widths = empirical.width.values
    errors, spectra = [], []
    for width in widths:
        kernels = empirical.ntk.sel(width=width).values
        errors.append(relative_error(kernels, limit))
        spectra.append(np.linalg.eigvalsh(kernels)[:, ::-1])
    rng = numpy_generator(
        seed, "width_scaling", analytic.attrs["dataset"], analytic.attrs["network"]
    )
    typical = [rms(e, rng) for e in errors]
    fitted = widths >= fit_from
    slope = rms_slope(widths[fitted], [e for e, f in zip(errors, fitted, strict=True) if f], rng)
    last = typical[-1].estimate
    return xr.Dataset(
        {
            "error": array(errors, ("width", "seed"), "relative Frobenius distance to the limit"),
            "rms": array([t.estimate for t in typical], "width", "its root mean square over draws"),
            "rms_interval": array(
                [t.interval() for t in typical], ("width", "bound"), "95 % interval of the RMS"
            ),
            "inverse_root": array(
                last * np.sqrt(widths[-1] / widths), "width", "1/√n through the last point"
            ),
            "envelope": array(
                last * envelope(widths) / envelope(widths[-1]),
                "width",
                "(log n)^0.6/√n through the last point",
            ),
            "slope": array(slope.estimate, (), "fitted exponent of the RMS in the width"),
            "slope_interval": array(slope.interval(), "bound", "95 % interval of the exponent"),
            "eigenvalue": array(
                spectra, ("width", "seed", "mode"), "eigenvalue of the empirical kernel matrix"
            ),
            "eigenvalue_limit": array(
                np.linalg.eigvalsh(limit)[::-1], "mode", "eigenvalue of the analytic kernel matrix"
            ),
        },
        {
            "width": array(widths, "width", "units of each hidden layer"),
            "seed": array(empirical.seed.values, "seed", "number of the draw"),
            "mode": array(np.arange(1, len(samples) + 1), "mode", "index of the eigenvalue"),
            "bound": array(np.array(["low", "high"]), "bound", "end of the interval"),
        },
        {
            "dataset": analytic.attrs["dataset"],
            "network": analytic.attrs["network"],
            "fit_from": fit_from,
        },
    )
