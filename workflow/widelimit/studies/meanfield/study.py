"""Particles and the mean-field game as labelled arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from widelimit.keys import jax_key, numpy_generator
from widelimit.precision import precision
from widelimit.store import array
from widelimit.studies.meanfield.chaos import output_errors, wasserstein
from widelimit.studies.meanfield.lq_game import Game, simulate, solve_numerically
from widelimit.studies.meanfield.particles import draw, energy_balance, evolve, product_task
from widelimit.theory.width_scaling import rms, rms_slope

__all__ = ["game_study", "particle_study"]

_BOUND = array(["low", "high"], "bound", "end of the interval")


def particle_study(
    seed: int,
    *,
    sizes: Sequence[int],
    repetitions: int,
    transport_sizes: Sequence[int],
    transport_repetitions: int,
) -> xr.Dataset:
    """Energy balance of one flow, deviations from the limit, and Wasserstein distances.

    Args:
        seed: the study's seed.
        sizes, repetitions: clouds whose outputs and particles are compared with the limit.
        transport_sizes, transport_repetitions: clouds whose Wasserstein distance is computed.
    """
    return xr.merge(
        [
            _energy(seed),
            _deviations(seed, sizes, repetitions),
            _transport(seed, transport_sizes, transport_repetitions),
        ]
    )


def _energy(seed: int, step: float = 0.01, steps: int = 1000) -> xr.Dataset:
    with precision("float64"):
        start = draw(jax_key(seed, "energy"), 1024, 4)
        flow = evolve(start, product_task(16, 4), step=step, steps=steps)
        balance = np.concatenate([[np.nan], energy_balance(flow, step), [np.nan]])
    return xr.Dataset(
        {
            "energy": array(flow.energy, "time", "energy E of 1024 particles"),
            "dissipation": array(flow.dissipation, "time", "dissipation ∫|∇Ψ|² dμ", "1/time"),
            "imbalance": array(balance, "time", "relative violation of dE/dt = -dissipation"),
        },
        {"time": array(step * np.arange(steps + 1), "time", "training time", "time")},
    )


def _deviations(seed: int, sizes: Sequence[int], repetitions: int) -> xr.Dataset:
    reference = max(16_384, repetitions * sum(sizes))
    errors = output_errors(
        seed, sizes, reference=reference, repetitions=repetitions, step=0.1, steps=100
    )
    rng = numpy_generator(seed, "chaos", "bootstrap")
    values = [list(errors.outputs), list(errors.coupled)]
    slopes = [rms_slope(sizes, rows, rng) for rows in values]
    typical = [[rms(row, rng) for row in rows] for rows in values]
    dims = ("quantity", "particles")
    return xr.Dataset(
        {
            "deviation": array(values, (*dims, "repetition"), "deviation from the limit at t = 10"),
            "deviation_rms": array(
                [[t.estimate for t in row] for row in typical], dims, "its root mean square"
            ),
            "deviation_interval": array(
                [[t.interval() for t in row] for row in typical],
                (*dims, "bound"),
                "95 % interval of the RMS",
            ),
            "slope": array([s.estimate for s in slopes], "quantity", "exponent in the particles"),
            "slope_interval": array(
                [s.interval() for s in slopes],
                ("quantity", "bound"),
                "95 % interval of the exponent",
            ),
        },
        {
            "quantity": array(["outputs", "coupled particles"], "quantity", "what deviates"),
            "particles": array(list(sizes), "particles", "particles, N"),
            "repetition": array(np.arange(repetitions), "repetition", "number of the cloud"),
            "bound": _BOUND,
        },
        {"reference_particles": reference},
    )


def _transport(seed: int, sizes: Sequence[int], repetitions: int) -> xr.Dataset:
    results = wasserstein(seed, sizes, reference=2048, repetitions=repetitions, step=0.1, steps=100)
    return xr.Dataset(
        {
            "transport": array(
                [[r.evolved, r.baseline] for r in results],
                ("cloud_particles", "cloud", "cloud_repetition"),
                "Wasserstein-2 distance to a sample of 2048 draws of the limit",
                "parameter",
            )
        },
        {
            "cloud_particles": array(list(sizes), "cloud_particles", "particles, N"),
            "cloud": array(["N particles", "N draws of the limit"], "cloud", "which cloud"),
            "cloud_repetition": array(np.arange(repetitions), "cloud_repetition", "repetition"),
        },
    )


def game_study(seed: int, *, agents: int) -> xr.Dataset:
    """The game's equilibrium in closed form, by collocation, and simulated with agents."""
    game = Game()
    t, mean, variance = simulate(game, numpy_generator(seed, "game"), agents, steps=400)
    exact, numeric = game.equilibrium(t), solve_numerically(game, t)
    mean_error = 1.96 * np.sqrt(game.fluctuation(t) / agents)
    variance_error = 1.96 * exact.v * np.sqrt(2 / (agents - 1))
    return xr.Dataset(
        {
            "gain": array(
                [[e.P for e in (exact, numeric)], [e.Pi for e in (exact, numeric)]],
                ("feedback", "solution", "time"),
                "feedback gain",
                "1/time",
            ),
            "mean": array([exact.m, numeric.m], ("solution", "time"), "mean state"),
            "variance": array([exact.v, numeric.v], ("solution", "time"), "variance of the state"),
            "agents_mean": array(mean, "time", "mean state of the simulated agents"),
            "agents_variance": array(variance, "time", "variance of the simulated agents"),
            "mean_error": array(mean_error, "time", "half-width of the 95 % interval of that mean"),
            "variance_error": array(
                variance_error, "time", "half-width of the 95 % interval of that variance"
            ),
        },
        {
            "time": array(t, "time", "time", "time"),
            "solution": array(["closed form", "collocation"], "solution", "how it was found"),
            "feedback": array(["P, own state", "Π, mean of all"], "feedback", "which gain"),
        },
        {"agents": agents},
    )
