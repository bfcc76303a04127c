"""Exact eigenvalues on the sphere."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, canvas

TITLE = "Spectra on the sphere"
CAPTION = (
    "Left and middle: exact eigenvalues of each degree of spherical harmonics for the NNGP and the NTK, "
    "beside the power laws k^(-(d+2)) and k^(-d) that theory gives for ReLU (dashed, arbitrary height); "
    "smooth activations decay faster than any power. Right: eigenvalues of a kernel matrix of random "
    "points over their number (dots) beside the exact ones, each as often as its multiplicity (line), "
    "NTK of the first network."
)


def draw(sphere: xr.Dataset) -> Figure:
    """Draw from the sphere's spectrum file."""
    figure, ((left, middle, right),) = canvas(3, width=4.2)
    dimension = int(sphere.attrs["dimension"])
    powers = {"nngp": dimension + 2, "ntk": dimension}
    for axes, (kernel, power) in zip((left, middle), powers.items(), strict=True):
        for i, network in enumerate(sphere.network.values):
            values = sphere.eigenvalue.sel(kernel=kernel, network=network)
            shown = (values > 1e-13 * values[0]) & (sphere.degree > 0)
            axes.plot(
                sphere.degree.where(shown), values.where(shown), MARKERS[i % len(MARKERS)],
                color=COLOURS[i % len(COLOURS)], label=network, markersize=3,
            )  # fmt: skip
        first = sphere.eigenvalue.sel(kernel=kernel).isel(network=0)
        k = sphere.degree.values[4:]
        axes.plot(k, float(first[4]) * (k / 4.0) ** -power, "--", color="black", linewidth=1)
        axes.set(
            xscale="log", yscale="log", xlabel="degree k", ylabel="eigenvalue μ_k",
            title=f"{kernel.upper()}, S{_superscript(dimension - 1)}; dashed: k^(−{power})",
        )  # fmt: skip
    left.legend()
    _sampled(right, sphere)
    return figure


def _sampled(axes, sphere: xr.Dataset) -> None:
    first = sphere.isel(network=0).sel(kernel="ntk")
    exact = np.sort(np.repeat(first.eigenvalue.values, first.multiplicity.values))[::-1]
    axes.plot(first.mode, first.sampled, ".", color=COLOURS[0], label=f"{len(first.mode)} points")
    axes.plot(np.arange(1, len(exact) + 1), exact, "-", color="black", linewidth=1, label="exact")
    axes.set(
        xscale="log", yscale="log", xlabel="index i", ylabel="eigenvalue", xlim=(0.9, len(first.mode)),
        ylim=(first.sampled.values[-1] / 2, None), title=f"NTK, {first.network.item()}",
    )  # fmt: skip
    axes.legend()


def _superscript(number: int) -> str:
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(number))
