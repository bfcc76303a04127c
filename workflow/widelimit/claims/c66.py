"""C66: particles follow the Wasserstein gradient flow of the energy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.keys import jax_key
from widelimit.precision import precision
from widelimit.statistics import ConfidenceDistribution, exact
from widelimit.studies.meanfield.particles import draw, energy_balance, evolve, product_task

__all__ = ["CLAIM"]


def measure(
    seed: int, *, scaling: str, particles: int, step: float, steps: int
) -> dict[str, ConfidenceDistribution]:
    """Energy balance along a simulated flow."""
    with precision("float64"):
        start = draw(jax_key(seed, "c66"), particles, 4)
        flow = evolve(start, product_task(16, 4), step=step, steps=steps, scaling=scaling)
        balance = np.asarray(energy_balance(flow, step))
        rises = int(jnp.sum(jnp.diff(flow.energy) >= 0))
    return {"balance": exact(float(balance.max())), "rises": exact(float(rises))}


CLAIM = Claim(
    id="C66",
    title="Gradient descent on neurons is a Wasserstein gradient flow",
    statement=(
        "With particles moving at rate N, d/dt E(μ_t) = -∫ |∇ δE/δμ|² dμ_t, and the energy never rises."
    ),
    source="popular article (mean-field games); Mei, Montanari and Nguyen 2018; Chizat and Bach 2018",
    statistics=(
        Statistic(
            "balance", "largest relative violation of the energy balance, dt = 1e-3",
            0.0, -np.inf, 1e-3,
        ),
        Statistic("rises", "steps in which the energy rises", 0.0, -np.inf, 0.5),
    ),
    settings={"scaling": "mean-field", "particles": 1024, "step": 1e-3, "steps": 2000},
    control=Control(
        "scaling",
        "mean-field at rate 1",
        "without the factor N in the speed the flow runs N times too slowly for the identity",
    ),
    measure=measure,
    figure="mean_field",
    notebook="mean_field",
)  # fmt: skip
"""The claim."""
