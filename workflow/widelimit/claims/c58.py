"""C58: a ReLU network cannot reduce the strong-form residual of a second-order equation."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.keys import jax_key
from widelimit.precision import precision
from widelimit.statistics import ConfidenceDistribution, exact
from widelimit.studies.pinn.problems import PROBLEMS, Problem
from widelimit.studies.pinn.training import interior_residual, network

__all__ = ["CLAIM"]


def measure(seed: int, *, activation: str, networks: int) -> dict[str, ConfidenceDistribution]:
    """Residual and its gradient for random networks on the bar and the plane problem."""
    residuals, gradients = [], []
    with precision("float64"):
        for problem in PROBLEMS.values():
            values, slopes = _residuals(problem, activation, seed, networks)
            floor = problem.force_norm(24)
            residuals.append(np.abs(values / floor - 1))
            gradients.append(slopes / floor)
    return {
        "residual": exact(float(np.max(residuals))),
        "gradient": exact(float(np.max(gradients))),
    }


def _residuals(
    problem: Problem, activation: str, seed: int, networks: int
) -> tuple[np.ndarray, np.ndarray]:
    """∫|A u - f|² and the norm of its gradient in the parameters, each (networks,)."""
    net = network(problem, activation, 20)
    points, weights = map(jnp.asarray, problem.interior(24))
    keys = jax.random.split(jax_key(seed, "c58", problem.name), networks)

    @jax.jit
    @jax.vmap
    def one(key):
        params = net.init(key, (problem.dimension,))
        value, slope = jax.value_and_grad(
            lambda p: interior_residual(problem, net, p, points, weights)
        )(params)
        return value, jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(slope)))

    values, slopes = one(keys)
    return np.asarray(values), np.asarray(slopes)


CLAIM = Claim(
    id="C58",
    title="ReLU networks cannot see a second-order equation",
    statement=(
        "The second derivatives of a ReLU network vanish almost everywhere, so the strong-form residual "
        "of A u = f is ∫|f|² for every value of the parameters, and its gradient is zero."
    ),
    source="popular article, 'Applications and Interdisciplinary Connections'",
    erratum=(
        "'a deceptively low physics error' holds for f = 0 only; with a body force the error is a "
        "constant floor (π⁴/2 for the bar)"
    ),
    statistics=(
        Statistic("residual", "largest |residual / ∫|f|² - 1|", 0.0, -np.inf, 1e-12),
        Statistic("gradient", "largest gradient norm over ∫|f|²", 0.0, -np.inf, 1e-12),
    ),
    settings={"activation": "relu", "networks": 50},
    control=Control(
        "activation", "tanh", "tanh has second derivatives, and they depend on the parameters"
    ),
    measure=measure,
    figure="pinn",
    notebook="pinn",
)
"""The claim."""
