"""Learned decoders of quantum codes."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, at_values, canvas

TITLE = "Quantum decoding"
CAPTION = (
    "Left: exact logical error rate of the [[5,1,3]] code's lookup decoder under depolarising noise "
    "(line), of maximum likelihood (dashed), and sampled with 95 % Wilson intervals (points). Second: "
    "exact rate of decoders learned from sampled errors, mean over training sets with its 95 % interval; "
    "the dashed line is lookup. Others: rotated surface codes under circuit noise, rate of each decoder "
    "on all test shots with 95 % Wilson intervals."
)


def draw(five_qubit: xr.Dataset, surface: list[xr.Dataset]) -> Figure:
    """Draw from the five-qubit file and the surface codes' files."""
    figure, (row,) = canvas(2 + len(surface), width=3.7, height=3.6)
    _exact(row[0], five_qubit)
    _learned(row[1], five_qubit)
    for axes, code in zip(row[2:], surface, strict=True):
        _surface(axes, code)
    return figure


def _exact(axes, code: xr.Dataset) -> None:
    axes.plot(code.p, code.exact, "-", color=COLOURS[0], label="lookup, exact")
    axes.plot(code.p, code.most_likely, "--", color=COLOURS[1], label="maximum likelihood")
    low, high = code.sampled_interval.values.T
    errors = [code.sampled - low, high - code.sampled]
    axes.errorbar(
        code.p_check, code.sampled, yerr=errors, fmt="o", color="black", capsize=2, label="sampled"
    )
    axes.plot(code.p, code.p, ":", color="grey", linewidth=1, label="no code")
    axes.set(xlabel="physical error rate p", ylabel="logical error rate", title="[[5,1,3]], exact")
    axes.legend()


def _learned(axes, code: xr.Dataset) -> None:
    for i, decoder in enumerate(code.decoder.values):
        part = code.sel(decoder=decoder)
        middle = part.rate.mean("draw")
        low, high = part.interval.values.T
        shift = 1.06 ** (i - len(code.decoder) / 2)
        axes.errorbar(
            part.training * shift, middle, yerr=[middle - low, high - middle], fmt=MARKERS[i],
            color=COLOURS[i], capsize=2, label=decoder,
        )  # fmt: skip
    p = float(code.attrs["error_rate"])
    lookup = float(np.interp(p, code.p, code.exact))
    axes.axhline(lookup, ls="--", color="black", linewidth=1)
    axes.set(
        xscale="log", xlabel="training samples", ylabel="logical error rate",
        title=f"[[5,1,3]], learned at p = {p:g}",
    )  # fmt: skip
    axes.legend(fontsize=7)


def _surface(axes, code: xr.Dataset) -> None:
    part = code.sel(subset="all shots")
    for i, decoder in enumerate(code.decoder.values):
        one = part.sel(decoder=decoder)
        low, high = one.interval.values.T
        shift = 1.03 ** (i - len(code.decoder) / 2)
        axes.errorbar(
            one.p * shift, one.rate, yerr=[one.rate - low, high - one.rate], fmt=MARKERS[i],
            color=COLOURS[i], capsize=2, label=decoder,
        )  # fmt: skip
    distance, shots = code.attrs["distance"], code.attrs["training_shots"]
    axes.set(
        xscale="log", yscale="log", xlabel="physical error rate p", ylabel="logical error rate",
        title=f"surface code, distance {distance}",
    )  # fmt: skip
    at_values(axes, code.p.values)
    axes.legend(fontsize=7, title=f"{shots} training shots")
