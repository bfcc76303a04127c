"""What kernels learn from few images."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, at_values, canvas

TITLE = "Kernels on few images"
CAPTION = (
    "Share of test images that kernel interpolation classifies as what they are, against the number of training images: "
    "mean over balanced training sets drawn from one pool, with its 95 % interval over pool and test images "
    "(resampled). Open marks are the whole pool as one training set, with an interval over test images alone. The dotted "
    "line is chance."
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
        _whole(axes, one, i)
    first = accuracies[0]
    axes.axhline(100 / first.attrs["classes"], ls=":", color="black", linewidth=1)
    axes.set(xscale="log", xlabel="training images n", ylabel="test accuracy (%)")
    axes.set_title(
        f"{first.attrs['dataset']}: pool of {first.attrs['pool']}, {first.attrs['test']} test images"
    )
    at_values(axes, [*first["size"].values, first.attrs["pool"]])
    axes.legend(title="network")
    return figure


def _whole(axes: Axes, one: xr.Dataset, i: int) -> None:
    share = 100 * one.whole_accuracy.item()
    low, high = 100 * one.whole_interval.values
    axes.errorbar(
        one.attrs["pool"] * 1.03**i, share, yerr=[[share - low], [high - share]], fmt=MARKERS[i % len(MARKERS)],
        color=COLOURS[i], markerfacecolor="white", linewidth=1, capsize=2,
    )  # fmt: skip
