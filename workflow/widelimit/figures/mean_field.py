"""Particles and the mean-field game."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from widelimit.figures.style import COLOURS, MARKERS, at_values, band, canvas, plain_numbers

TITLE = "Mean field: neurons as particles, and a game"
CAPTION = (
    "First: energy of 1024 particles and its rate of loss by finite differences, beside the dissipation "
    "∫|∇Ψ|² dμ. Second: deviations of N particles from the limit, RMS with 95 % interval and fitted "
    "exponent, at t = 10. Third: Wasserstein-2 distance of the particles to a sample of 2048 of the limit "
    "(whose own error flattens the curves), beside that of N independent draws of the limit, against "
    "N^(-1/2) and N^(-1/6). Fourth: a linear-quadratic mean-field "
    "game, closed form (lines) and simulated agents with 95 % bands."
)


def draw(particles: xr.Dataset, game: xr.Dataset) -> Figure:
    """Draw from the particles' and the game's files."""
    figure, (row,) = canvas(4, width=3.7, height=3.4)
    _energy(row[0], particles.drop_dims(["bound"], errors="ignore"))
    _deviations(row[1], particles)
    _transport(row[2], particles)
    _game(row[3], game)
    return figure


def _energy(axes, flow: xr.Dataset) -> None:
    time, energy = flow.time.values, flow.energy.values
    axes.plot(time, energy, color=COLOURS[0], label="energy E")
    axes.plot(time, -np.gradient(energy, time), color=COLOURS[1], label="−dE/dt")
    axes.plot(time, flow.dissipation, "--", color="black", label="dissipation")
    axes.set(xlabel="training time", ylabel="E; loss of E per time", yscale="log",
             title=f"largest relative imbalance {float(flow.imbalance.max()):.1e}")  # fmt: skip
    axes.legend()


def _deviations(axes, flow: xr.Dataset) -> None:
    for i, quantity in enumerate(flow.quantity.values):
        part = flow.sel(quantity=quantity)
        low, high = part.slope_interval.values
        label = f"{quantity}: {float(part.slope):.2f} [{low:.2f}, {high:.2f}]"
        axes.plot(
            part.particles, part.deviation_rms, marker=MARKERS[i], color=COLOURS[i], label=label
        )
        band(axes, part.particles, part.deviation_interval, COLOURS[i])
    axes.set(xscale="log", yscale="log", xlabel="particles N", ylabel="RMS deviation from the limit",
             title="propagation of chaos")  # fmt: skip
    at_values(axes, flow.particles.values)
    axes.set_ylim(top=4 * float(flow.deviation_rms.max()))  # room for the legend
    axes.legend(title="exponent, 95 % interval", loc="upper center", fontsize=7)


def _transport(axes, flow: xr.Dataset) -> None:
    n = flow.cloud_particles.values
    for i, cloud in enumerate(flow.cloud.values):
        values = flow.transport.sel(cloud=cloud)
        shift = 1.05 ** (2 * i - 1)
        axes.errorbar(
            n * shift, values.mean("cloud_repetition"),
            yerr=values.std("cloud_repetition", ddof=1), fmt=MARKERS[i], color=COLOURS[i],
            capsize=2, label=cloud,
        )  # fmt: skip
    start = float(flow.transport.isel(cloud_particles=0).mean())
    for power, style in ((1 / 6, "--"), (1 / 2, ":")):
        label = f"N^(−1/{round(1 / power)})"
        axes.plot(n, start * (n / n[0]) ** -power, style, color="black", linewidth=1, label=label)
    axes.set(xscale="log", yscale="log", xlabel="particles N",
             ylabel="Wasserstein-2 distance (± 1 sd)", title="law of the particles, D = 6")  # fmt: skip
    at_values(axes, n)
    plain_numbers(axes)
    axes.legend()


def _game(axes, game: xr.Dataset) -> None:
    time = game.time.values
    for i, name in enumerate(("mean", "variance")):
        exact = game[name].sel(solution="closed form")
        seen, error = game[f"agents_{name}"], game[f"{name}_error"]
        axes.plot(time, exact, color=COLOURS[i], label=f"{name}, closed form")
        axes.plot(time[::20], seen[::20], MARKERS[i], color=COLOURS[i], label=f"{name}, agents")
        band(axes, time, np.stack([seen - error, seen + error], axis=1), COLOURS[i])
    axes.set(xlabel="time", ylabel="state: mean, variance", title=f"{game.attrs['agents']} agents")
    axes.legend(loc="center left", fontsize=7)
