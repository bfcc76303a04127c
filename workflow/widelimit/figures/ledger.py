"""All claims and controls at a glance."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from widelimit.claims.ledger import compile_ledger
from widelimit.figures.style import COLOURS, canvas

TITLE = "The ledger at a glance"
CAPTION = (
    "Each statistic of each claim (circles) and of its negative control (crosses), as its distance from "
    "the expected value over the margin on its side, with its interval at the level that Holm's rule demands. Inside "
    "the grey band the statement holds. Beyond ±1 the axis is compressed to 1 + log₁₀, so that controls "
    "that fail by orders of magnitude still show."
)


def draw(measurements: list[xr.Dataset]) -> Figure:
    """Draw from the claims' measurement files."""
    entries = compile_ledger(measurements)
    lines = [(e, s) for e in entries for s in range(len(e["claim"]["statistics"]))]
    figure, ((axes,),) = canvas(1, width=7.5, height=max(2.5, 0.24 * len(lines)))
    axes.axvspan(-1, 1, color="grey", alpha=0.15, linewidth=0)
    for y, (entry, s) in enumerate(lines):
        for row, marker, colour, lift in (("claim", "o", 0, 0.12), ("control", "x", 1, -0.12)):
            statistic = entry[row]["statistics"][s]
            low, high = _scaled(np.array(statistic["interval"]), statistic)
            middle = _scaled(np.array(statistic["estimate"]), statistic)
            axes.plot([low, high], [y - lift] * 2, color=COLOURS[colour], linewidth=1.5)
            axes.plot(
                middle, y - lift, marker, color=COLOURS[colour], label=row if y == 0 else None
            )
    labels = [f"{e['id']}  {e['claim']['statistics'][s]['name']}" for e, s in lines]
    axes.set_yticks(range(len(lines)), labels, fontsize=7)
    axes.invert_yaxis()
    axes.set(xlabel="(estimate − expected) / margin, compressed beyond ±1")
    axes.legend(loc="lower right")
    return figure


def _scaled(values: np.ndarray, statistic: dict) -> np.ndarray:
    """Distance from the expected value over the margin, logarithmic beyond one."""
    away = values - statistic["expected"]
    low, high = (
        None if b is None else abs(b - statistic["expected"]) for b in statistic["equivalence"]
    )
    below, above = low or high or 0.5, high or low or 0.5
    z = away / np.where(away < 0, below, above)
    size = np.abs(z)
    return np.sign(z) * np.where(size > 1, 1 + np.log10(np.maximum(size, 1)), size)
