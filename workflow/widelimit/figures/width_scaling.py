"""Distance of empirical to analytic kernels against width."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, band, canvas

TITLE = "Finite-width scaling"
CAPTION = (
    "Left: relative Frobenius distance between the empirical NTK at initialisation and its analytic "
    "limit, root mean square over draws with its 95 % interval, against 1/√n (dashed) and the almost "
    "sure rate (log n)^0.6/√n (dotted), both through the last point. The legend gives the fitted "
    "exponent with its 95 % interval, which is that of the draws: corrections of higher order in 1/n shift the "
    "exponent of deep networks at moderate widths. Right: eigenvalues of the empirical kernel matrices of the first "
    "pair, median and 5-95 % range over draws, beside those of the limit (line)."
)


def draw(scaling: list[xr.Dataset]) -> Figure:
    """Draw from the scaling files of all pairs."""
    figure, ((left, right),) = canvas(2, width=4.8, height=3.6)
    for i, pair in enumerate(scaling):
        colour = COLOURS[i % len(COLOURS)]
        low, high = pair.slope_interval.values
        label = (
            f"{pair.attrs['dataset']}, {pair.attrs['network']}: "
            f"{float(pair.slope):.3f} [{low:.3f}, {high:.3f}]"
        )
        left.plot(pair.width, pair.rms, MARKERS[i % len(MARKERS)], color=colour, label=label)
        band(left, pair.width, pair.rms_interval, colour)
        left.plot(pair.width, pair.inverse_root, "--", color=colour, linewidth=1)
        left.plot(pair.width, pair.envelope, ":", color=colour, linewidth=1)
    left.set(
        xscale="log", yscale="log", xlabel="width n (units of each hidden layer)",
        ylabel="RMS of ‖Θₙ − Θ‖ / ‖Θ‖", title="distance to the limit",
    )  # fmt: skip
    left.legend(title="exponent, 95 % interval")
    _spectra(right, scaling[0])
    return figure


def _spectra(axes, pair: xr.Dataset) -> None:
    shown = pair.width.values[[0, len(pair.width) // 2, -1]]
    for i, width in enumerate(shown):
        values = pair.eigenvalue.sel(width=width)
        axes.plot(
            pair.mode, values.median("seed"), MARKERS[i], color=COLOURS[i], label=f"n = {width}"
        )
        band(axes, pair.mode, values.quantile([0.05, 0.95], "seed").T, COLOURS[i])
    axes.plot(pair.mode, pair.eigenvalue_limit, "-", color="black", linewidth=1, label="limit")
    axes.set(
        xscale="log", yscale="log", xlabel="index of the eigenvalue",
        ylabel="eigenvalue of Θₙ", title=f"{pair.attrs['dataset']}, {pair.attrs['network']}",
    )  # fmt: skip
    axes.legend()
