"""What kernels learn from few images."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, at_values, canvas

TITLE = "Kernels on few images"
CAPTION = (
    "Share of test images that kernel interpolation classifies as what they are, against the number of training images: "
    "mean over balanced training sets drawn from one pool, with its 95 % interval over pool and test images "
    "(resampled). The dotted line is chance."
)


def draw(accuracies: list[xr.Dataset]) -> Figure:
    """Draw from the files of all networks on one data set."""
    figure, ((axes,),) = canvas(1, width=5.5, height=3.8)
    for i, one in enumerate(accuracies):
        middle = 100 * one.mean_accuracy.values
        low, high = 100 * one.interval.values.T
        # Side by side, not on top of each other.
        place = one["size"].values * 1.03 ** (i - (len(accuracies) - 1) / 2)
        axes.errorbar(
            place, middle, yerr=np.maximum([middle - low, high - middle], 0), fmt=MARKERS[i % len(MARKERS)] + "-", color=COLOURS[i],
            linewidth=1, capsize=2, label=one.attrs["network"],
        )  # fmt: skip
    first = accuracies[0]
    axes.axhline(100 / first.attrs["classes"], ls=":", color="black", linewidth=1)
    axes.set(xscale="log", xlabel="training images n", ylabel="test accuracy (%)")
    axes.set_title(
        f"{first.attrs['dataset']}: pool of {first.attrs['pool']}, {first.attrs['test']} test images"
    )
    at_values(axes, first["size"].values)
    axes.legend(title="network")
    return figure
