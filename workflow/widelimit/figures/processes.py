"""Gaussian processes with the kernels of a network beside others."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, band, canvas

TITLE = "Gaussian processes compared"
CAPTION = (
    "Gaussian processes whose covariance is the NNGP or the NTK of an infinitely wide network, beside RBF, "
    "Matérn and linear ones, all with hyper-parameters fitted by marginal likelihood. Upper rows: test "
    "score less that of RBF on the same split, for each random split (dots), and their mean with its 95 % "
    "interval, which is corrected for the overlap of training sets; below 0 is better than RBF. Lowest "
    "row: frequency of test targets below a predictive quantile less the quantile's level, mean over "
    "splits; 0 is calibrated, and the band holds 95 % of single splits of a calibrated process. Targets are standardised, and a class label is a target like any other. The "
    "NTK is the covariance of a process here, which is not the law of trained networks."
)

_SCORES = {"nlpd": "negative log density (nat)", "rmse": "RMSE (standard deviations)"}


def draw(processes: list[xr.Dataset]) -> Figure:
    """Draw from the files of all data sets."""
    figure, grid = canvas(len(processes), 3, width=4.6, height=2.9)
    for column, one in zip(grid.T, processes, strict=True):
        for axes, score in zip(column, _SCORES, strict=False):
            _differences(axes, one, score)
        _calibration(column[-1], one)
        train, test = one.attrs["train"], one.attrs["test"]
        column[0].set_title(f"{one.attrs['dataset']}: {train} train, {test} test")
    figure.legend(
        *grid[-1, 0].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False
    )
    return figure


def _differences(axes, one: xr.Dataset, score: str) -> None:
    reference = one.attrs["reference"]
    others = [kernel for kernel in one.kernel.values if kernel != reference]
    dots = one[score] - one[score].sel(kernel=reference)
    for i, kernel in enumerate(one.kernel.values):
        if kernel == reference:
            continue
        place = others.index(kernel)
        values = dots.sel(kernel=kernel)
        axes.plot(
            np.full(len(values), place - 0.2),
            values,
            ".",
            color=COLOURS[i],
            alpha=0.5,
            markersize=3,
        )
        summary = one.sel(kernel=kernel, score=score)
        middle, (low, high) = float(summary.difference), summary.difference_interval.values
        axes.errorbar(
            place, middle, yerr=[[middle - low], [high - middle]], fmt=MARKERS[i], color=COLOURS[i],
            capsize=2,
        )  # fmt: skip
    axes.axhline(0, ls=":", color="black", linewidth=1)
    axes.set_xticks(range(len(others)), others)
    axes.set_ylabel(f"{_SCORES[score]}\nless that of {reference}")


def _calibration(axes, one: xr.Dataset) -> None:
    # Test samples below a quantile are binomial if the process is calibrated.
    spread = 1.96 * np.sqrt(one.level * (1 - one.level) / one.attrs["test"])
    band(axes, one.level, np.stack([-spread, spread], axis=1), "grey")
    excess = (one.frequency - one.level).mean("split")
    for i, kernel in enumerate(one.kernel.values):
        axes.plot(
            one.level, excess.sel(kernel=kernel), marker=MARKERS[i], color=COLOURS[i],
            linewidth=1, label=kernel,
        )  # fmt: skip
    axes.axhline(0, ls=":", color="black", linewidth=1)
    axes.set(xlabel="level of the predictive quantile", ylabel="frequency - level")
