"""What interpolation does with noise."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, at_values, canvas, plain_numbers

TITLE = "Benign, tempered or catastrophic"
CAPTION = (
    "Test error of kernel interpolation of pure-noise labels, on noisy test labels, for each unit of "
    "noise variance: median over draws with its 95 % interval (points), and the noise gain E₀ that the "
    "spectrum predicts (lines). Benign overfitting would tend to 1, catastrophic overfitting diverges. "
    "The prediction is exact for Gaussian features, not for kernels in fixed dimension. On real data all "
    "draws are from one pool, whose spectrum the prediction takes: the intervals are those of the draw."
)


def draw(overfitting: xr.Dataset) -> Figure:
    """Draw from the overfitting file."""
    figure, (row,) = canvas(len(overfitting.domain), width=5.0, height=3.6)
    for axes, domain in zip(row, overfitting.domain.values, strict=True):
        part = overfitting.sel(domain=domain)
        for i, kernel in enumerate(overfitting.kernel.values):
            one = part.sel(kernel=kernel)
            low, high = one.median_interval.values.T
            middle = one["median"].values
            axes.errorbar(
                one["size"], middle, yerr=[middle - low, high - middle], fmt=MARKERS[i],
                color=COLOURS[i], label=kernel, capsize=2,
            )  # fmt: skip
            axes.plot(one["size"], one.prediction, color=COLOURS[i], linewidth=1)
        axes.axhline(1, ls=":", color="black", linewidth=1)
        axes.set(
            xscale="log", yscale="log", xlabel="training samples n",
            ylabel="test MSE / noise variance", title=str(domain),
        )  # fmt: skip
        at_values(axes, overfitting["size"].values)
        if float(part["median"].max()) < 10:
            plain_numbers(axes)
    row[0].legend(title="points: measured, lines: predicted")
    return figure
