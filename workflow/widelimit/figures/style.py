"""The look of all figures: colours that colour-blind readers tell apart, and reproducible bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from widelimit.store import atomic

__all__ = ["COLOURS", "MARKERS", "at_values", "band", "canvas", "plain_numbers", "save", "show"]

COLOURS: list[Any] = list(mpl.color_sequences["petroff10"])
"""Series colours, in order, chosen for readers with colour-vision deficiencies (Petroff 2021)."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""Series markers, in order: colour is never the only difference."""

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.markersize": 4,
    "svg.hashsalt": "widelimit",
    "svg.fonttype": "path",
}


def canvas(columns: int, rows: int = 1, width: float = 4.0, height: float = 3.2):
    """A figure with a grid of axes, as a 2-D array; width and height of each in inches."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(columns * width, rows * height), layout="constrained")
        return figure, figure.subplots(rows, columns, squeeze=False)


def at_values(axes: Axes, values) -> None:
    """Ticks of a logarithmic horizontal axis at the values that were measured, and nowhere else."""
    axes.set_xticks(list(values), [f"{value:g}" for value in values])
    axes.xaxis.set_minor_locator(NullLocator())


def plain_numbers(axes: Axes) -> None:
    """Plain numbers on a logarithmic vertical axis that spans about a decade."""
    for formatter in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def band(axes: Axes, x, interval, colour: Any) -> None:
    """Intervals around a series; ``interval`` has shape (n, 2)."""
    low, high = np.asarray(interval).T
    axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)


def show(figure: Figure) -> None:
    """Display a figure in a notebook as SVG; the same figure gives the same bytes."""
    from IPython.display import SVG, display

    buffer = io.BytesIO()
    with mpl.rc_context(_SETTINGS):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    display(SVG(buffer.getvalue()))


def save(figure: Figure, path: str | Path) -> None:
    """Write an SVG file; the same figure gives the same bytes."""
    with mpl.rc_context(_SETTINGS), atomic(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
