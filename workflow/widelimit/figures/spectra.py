"""Spectral decay and effective ranks of kernels on data."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, canvas

TITLE = "Spectra on data"
CAPTION = (
    "Left and middle: eigenvalues of the kernel matrices over n, with the exponent of the decay "
    "λ ∝ i^(-a) fitted in the marked range; 95 % intervals are from half-samples. Right: effective ranks "
    "of the NTK's tail over k (Bartlett et al. 2020); overfitting can be benign only where r_k/k grows."
)


def draw(spectra: list[xr.Dataset]) -> Figure:
    """Draw from the spectrum files of all pairs."""
    figure, ((left, middle, right),) = canvas(3, width=4.4, height=3.8)
    for axes, kernel, title in ((left, "nngp", "NNGP"), (middle, "ntk", "NTK")):
        for i, pair in enumerate(spectra):
            part = pair.sel(kernel=kernel)
            low, high = part.exponent_interval.values
            label = f"{_name(pair)}: {float(part.exponent):.2f} [{low:.2f}, {high:.2f}]"
            values = part.eigenvalue.where(part.eigenvalue > 1e-14 * part.eigenvalue[0])
            axes.plot(pair.mode, values, color=COLOURS[i % len(COLOURS)], ls=_dash(i), label=label)
        axes.axvspan(*spectra[0].attrs["decay_range"], color="grey", alpha=0.12, linewidth=0)
        axes.set(xscale="log", yscale="log", xlabel="index i", ylabel="eigenvalue / n", title=title)
        axes.legend(title="exponent a, 95 % interval", fontsize=6, title_fontsize=7)
    for i, pair in enumerate(spectra):
        part = pair.sel(kernel="ntk")
        right.plot(
            pair["rank"], part.r / pair["rank"], MARKERS[i % len(MARKERS)], ls=_dash(i),
            color=COLOURS[i % len(COLOURS)], label=_name(pair), markersize=2,
        )  # fmt: skip
    right.set(xscale="log", yscale="log", xlabel="k", ylabel="r_k / k", title="effective rank, NTK")
    right.legend(fontsize=6)
    return figure


def _name(pair: xr.Dataset) -> str:
    return f"{pair.attrs['dataset']}, {pair.attrs['network']}"


def _dash(i: int) -> str:
    return ("-", "--", "-.", ":")[(i // len(COLOURS) + i) % 4]
