"""Double descent of random features."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, at_values, band, canvas

TITLE = "Double descent"
CAPTION = (
    "Median test error of regression on p random ReLU features with its 95 % interval: the least-norm "
    "solution peaks where p equals the number of samples (dotted); the ridge that is best on the test set removes the peak. The "
    "dashed line is the exact expected excess risk of least-norm regression on isotropic Gaussian inputs."
)


def draw(descent: xr.Dataset) -> Figure:
    """Draw from the descent file."""
    figure, ((axes,),) = canvas(1, width=5.6, height=3.8)
    for i, regression in enumerate(descent.regression.values):
        part = descent.sel(regression=regression)
        axes.plot(
            part.features, part["median"], marker=MARKERS[i], color=COLOURS[i],
            label=f"ReLU features, {regression}",
        )  # fmt: skip
        band(axes, part.features, part.median_interval, COLOURS[i])
    finite = descent.isotropic.where(np.isfinite(descent.isotropic))
    axes.plot(
        descent.features, finite, "--", color="black", linewidth=1, label="isotropic inputs, exact"
    )
    samples = int(descent.attrs["samples"])
    axes.axvline(samples, ls=":", color="black", linewidth=1)
    axes.set(
        xscale="log", yscale="log", xlabel="features p",
        ylabel="test MSE (unit teacher, unit noise)", title=f"n = {samples} samples",
    )  # fmt: skip
    at_values(axes, [p for p in descent.features.values if p <= 60 or p == samples or p >= 150])
    axes.legend()
    return figure
