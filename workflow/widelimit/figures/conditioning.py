"""Conditioning of the tangent kernel against depth."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, canvas

TITLE = "Depth and conditioning"
CAPTION = (
    "Smallest and largest eigenvalue and condition number of the NTK matrix of some real inputs against "
    "depth, in the ordered, the critical and the chaotic phase. The dashed line is the limit (m + 3)/3 "
    "for m inputs at criticality (Xiao et al. 2020)."
)


def draw(conditioning: xr.Dataset) -> Figure:
    """Draw from the conditioning file."""
    figure, (row,) = canvas(3, width=4.0)
    parts = (
        ("smallest", "smallest eigenvalue"),
        ("largest", "largest eigenvalue"),
        ("condition", "condition number"),
    )
    for axes, (name, title) in zip(row, parts, strict=True):
        for i, phase in enumerate(conditioning.phase.values):
            values = conditioning[name].sel(phase=phase)
            axes.plot(
                conditioning.depth, values.where(values > 0), marker=MARKERS[i], color=COLOURS[i],
                label=phase,
            )  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="depth (weight layers)", ylabel=title)
    samples = int(conditioning.attrs["samples"])
    row[2].axhline((samples + 3) / 3, ls="--", color="black", linewidth=1)
    row[0].legend(fontsize=7)
    row[1].set_title(f"NTK on {samples} inputs of {conditioning.attrs['dataset']}")
    return figure
