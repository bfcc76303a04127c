"""Trained convolutional networks of growing width beside their kernels."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from widelimit.figures.style import COLOURS, MARKERS, canvas

TITLE = "Networks and kernels on images"
CAPTION = (
    "Left: share of test images that trained networks classify as what they are, against their channels, and (at ∞) the "
    "tangent kernel of the same network, on the same training sets. Right: what a mean over all positions in front of "
    "the last layer gains. Bars are 95 % intervals over training sets and test images."
)

_LABELS = {"pooled": "mean over positions", "flat": "all positions"}


def draw(comparison: xr.Dataset) -> Figure:
    """Draw from the file of the comparison."""
    figure, ((left, right),) = canvas(2, width=4.2, height=3.4)
    for i, how in enumerate(comparison.readout.values):
        one = comparison.sel(readout=how)
        _series(left, one.accuracy, one.accuracy_interval, i, _LABELS[str(how)])
    left.set(ylabel="test accuracy (%)")
    left.legend(title="last layer sees")
    left.set_title(
        f"{comparison.attrs['dataset']}: {comparison.attrs['draws']} × {comparison.attrs['train']} images"
    )
    _series(right, comparison.gain, comparison.gain_interval, 2, None)
    right.axhline(0, color="black", linewidth=1)
    right.set(ylabel="gain by the mean (points)")
    for axes in (left, right):
        _channels(axes, comparison.width.values)
    return figure


def _series(
    axes: Axes, values: xr.DataArray, interval: xr.DataArray, i: int, label: str | None
) -> None:
    middle = 100 * values.values
    low, high = 100 * interval.values.T
    # Side by side, not on top of each other.
    place = np.arange(len(middle)) + 0.06 * (i % 2)
    axes.errorbar(
        place, middle, yerr=np.maximum([middle - low, high - middle], 0), fmt=MARKERS[i], color=COLOURS[i],
        capsize=2, label=label,
    )  # fmt: skip
    axes.plot(place[:-1], middle[:-1], color=COLOURS[i], linewidth=1)


def _channels(axes: Axes, widths: np.ndarray) -> None:
    names = [f"{width:g}" if np.isfinite(width) else "∞ (kernel)" for width in widths]
    axes.set_xticks(range(len(widths)), names)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set(xlabel="channels")
