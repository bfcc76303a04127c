"""Kernels against the angle, and a Gram matrix of real data."""

from __future__ import annotations

import numpy as np
import seaborn as sns
import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, canvas

TITLE = "Infinite-width kernels"
CAPTION = (
    "Left and middle: NNGP and NTK of each network between inputs of norm |x|² = d at a given angle, "
    "divided by the value at angle 0. Right: the NTK's Gram matrix on the first training samples, "
    "sorted by class or target; entries are divided by the largest."
)


def draw(sphere: xr.Dataset, kernel: xr.Dataset, dataset: xr.Dataset) -> Figure:
    """Draw from the sphere's spectrum file, one analytic kernel, and its data set."""
    figure, ((left, middle, right),) = canvas(3)
    for axes, name, title in ((left, "nngp", "NNGP"), (middle, "ntk", "NTK")):
        for i, network in enumerate(sphere.network.values):
            values = sphere.kernel_value.sel(kernel=name, network=network)
            style = ("-", "--", "-.", ":")[i % 4]
            axes.plot(
                sphere.angle,
                values / values[0],
                style,
                color=COLOURS[i % len(COLOURS)],
                label=network,
            )
        axes.set(
            xlabel="angle between inputs (degrees)", ylabel=f"{title} / value at 0°", title=title
        )
        axes.set_xticks(range(0, 181, 45))
    left.legend()
    _gram(right, kernel, dataset)
    return figure


def _gram(axes, kernel: xr.Dataset, dataset: xr.Dataset, largest: int = 200) -> None:
    training = np.flatnonzero(kernel.split.values == "train")[:largest]
    order = training[np.argsort(_class_or_target(dataset)[training], kind="stable")]
    matrix = kernel.ntk.values[np.ix_(order, order)]
    sns.heatmap(
        matrix / matrix.max(), ax=axes, cmap="cividis", square=True, rasterized=True,
        xticklabels=False, yticklabels=False, cbar_kws={"label": "NTK / largest entry"},
    )  # fmt: skip
    name = f"{kernel.attrs['dataset']}, {kernel.attrs['network']}"
    axes.set(xlabel="sample", ylabel="sample", title=name)


def _class_or_target(dataset: xr.Dataset) -> np.ndarray:
    target = dataset.y_clean.values
    return target.argmax(1) if target.shape[1] > 1 else target[:, 0]
