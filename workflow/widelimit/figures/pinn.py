"""Physics-informed networks for elasticity."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, at_values, canvas

TITLE = "Elasticity: which activation can see a second-order equation"
CAPTION = (
    "For a bar (top) and a plane (bottom) with known exact solution: the strong-form residual ∫|A u − f|² "
    "at the end of training for each network (ReLU stands at the floor ∫|f|², dashed), the relative L² "
    "error of the displacement with the 95 % interval of its geometric mean, and the same error for "
    "finite elements against the number of unknowns."
)


def draw(pinn: list[xr.Dataset], elements: xr.Dataset) -> Figure:
    """Draw from the files of all problems and activations, and from the finite elements."""
    problems = [str(p) for p in elements.problem.values]
    figure, rows = canvas(3, rows=len(problems), width=4.0)
    for problem, row in zip(problems, rows, strict=True):
        parts = [p for p in pinn if p.attrs["problem"] == problem]
        _residuals(row[0], parts, problem)
        _errors(row[1], parts)
        _elements(row[2], elements.sel(problem=problem))
    return figure


def _residuals(axes, parts: list[xr.Dataset], problem: str) -> None:
    for i, part in enumerate(parts):
        spread = i + np.linspace(-0.15, 0.15, len(part.network))
        axes.plot(spread, part.residual, MARKERS[i], color=COLOURS[i])
    floor = float(parts[0].floor)
    axes.axhline(floor, ls="--", color="black", linewidth=1)
    axes.annotate(f"∫|f|² = {floor:.4g}", (0.98, floor), (0, -10), fontsize=7, ha="right",
                  xycoords=("axes fraction", "data"), textcoords="offset points")  # fmt: skip
    axes.set(yscale="log", ylabel="residual ∫|A u − f|²", title=f"{problem}: residual")
    _name_activations(axes, parts)


def _errors(axes, parts: list[xr.Dataset]) -> None:
    for i, part in enumerate(parts):
        low, high = part.error_interval.values
        middle = float(part.error_mean)
        axes.errorbar(
            i, middle, yerr=[[middle - low], [high - middle]], fmt=MARKERS[i], color=COLOURS[i],
            capsize=3,
        )  # fmt: skip
    axes.set(yscale="log", ylabel="relative L² error", title="error against the exact field")
    _name_activations(axes, parts)


def _name_activations(axes, parts: list[xr.Dataset]) -> None:
    axes.set_xticks(range(len(parts)), [part.attrs["activation"] for part in parts])
    axes.set_xlim(-0.5, len(parts) - 0.5)


def _elements(axes, part: xr.Dataset) -> None:
    for i, order in enumerate(part.order.values):
        one = part.sel(order=order)
        axes.plot(
            one.unknowns, one.error, marker=MARKERS[i], color=COLOURS[i], label=f"order {order}"
        )
    axes.set(
        xscale="log", yscale="log", xlabel="unknowns", ylabel="relative L² error",
        title="finite elements",
    )  # fmt: skip
    at_values(axes, np.unique(part.unknowns.values))
    axes.legend()
