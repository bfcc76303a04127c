r"""A two-layer network as a cloud of particles :math:`\theta_i = (a_i, w_i, b_i)`.

With the mean-field scaling :math:`f_N(x) = \frac1N \sum_i a_i \tanh(w_i \cdot x + b_i)` and the energy
:math:`E = \frac12\, \mathrm{mean}_x (f_N(x) - y(x))^2`, gradient descent on all parameters at rate N moves
each particle by the first variation of the energy,

.. math:: \dot\theta_i = -\nabla_\theta \Psi(\theta_i; \mu_N), \qquad
          \Psi(\theta; \mu) = \mathrm{mean}_x\,(f_\mu(x) - y(x))\, a \tanh(w \cdot x + b),

so that the empirical law :math:`\mu_N` follows the Wasserstein gradient flow of E and
:math:`\frac{d}{dt} E = -\int |\nabla\Psi|^2 d\mu` (Mei, Montanari and Nguyen 2018).
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["SCALINGS", "Flow", "Task", "draw", "energy_balance", "evolve", "product_task"]


class Task(NamedTuple):
    """Inputs (m, d) with targets (m,)."""

    x: jax.Array
    y: jax.Array


class Flow(NamedTuple):
    r"""A simulated flow at t + 1 times.

    Attributes:
        outputs: f_N on the task's inputs, (t + 1, m).
        energy: E, (t + 1,).
        dissipation: :math:`\int |\nabla\Psi|^2 d\mu_N = N \sum_i |\partial E/\partial\theta_i|^2`,
            (t + 1,).
        particles: at the end, (N, d + 2).
    """

    outputs: jax.Array
    energy: jax.Array
    dissipation: jax.Array
    particles: jax.Array


SCALINGS = {
    "mean-field": lambda n: (1 / n, float(n)),
    "ntk": lambda n: (n**-0.5, 1.0),
    "mean-field at rate 1": lambda n: (1 / n, 1.0),
}
"""Scale of the output and rate of the parameters for N particles, by name."""


def product_task(points: int, dimension: int) -> Task:
    """Fixed inputs on the unit sphere with the target d x₁x₂, which one neuron cannot represent."""
    x = jax.random.normal(jax.random.key(7), (points, dimension))
    x = x / jnp.linalg.norm(x, axis=1, keepdims=True)
    return Task(x, dimension * x[:, 0] * x[:, 1])


def draw(key: jax.Array, n: int, dimension: int) -> jax.Array:
    """``n`` independent particles with standard normal parameters, (n, dimension + 2)."""
    return jax.random.normal(key, (n, dimension + 2))


def _outputs(particles: jax.Array, x: jax.Array, scale: float) -> jax.Array:
    hidden = jnp.tanh(particles[:, 1:-1] @ x.T + particles[:, -1:])
    return scale * (particles[:, 0] @ hidden)


def _energy(particles: jax.Array, task: Task, scale: float) -> jax.Array:
    return 0.5 * jnp.mean((_outputs(particles, task.x, scale) - task.y) ** 2)


def evolve(
    particles: jax.Array | np.ndarray,
    task: Task,
    *,
    step: float,
    steps: int,
    scaling: str = "mean-field",
    record_every: int = 1,
) -> Flow:
    """Simulate by Heun's method (second order).

    Args:
        particles: at time zero, (N, d + 2); or several clouds, (r, N, d + 2), which gives every array
            of the flow a leading axis of length r.
        task: inputs and targets.
        step, steps: time step and number of steps.
        scaling: a key of `SCALINGS`; "ntk" is the limit in which outputs do not concentrate.
        record_every: steps between records.
    """
    scale, rate = SCALINGS[scaling](particles.shape[-2])
    run = _evolve if particles.ndim == 2 else _evolve_each
    return run(particles, task, step, scale, rate, steps, record_every)


@partial(jax.jit, static_argnames=("steps", "record_every"))
def _evolve_each(clouds, task, step, scale, rate, steps, record_every) -> Flow:
    def one(cloud):
        return _evolve(cloud, task, step, scale, rate, steps, record_every)

    return jax.lax.map(one, clouds)


@partial(jax.jit, static_argnames=("steps", "record_every"))
def _evolve(particles, task, step, scale, rate, steps, record_every) -> Flow:
    slope = jax.grad(_energy)

    def advance(particles, _):
        first = -rate * slope(particles, task, scale)
        second = -rate * slope(particles + step * first, task, scale)
        return particles + step * (first + second) / 2, None

    def observe(particles):
        dissipation = len(particles) * jnp.sum(slope(particles, task, scale) ** 2)
        outputs = _outputs(particles, task.x, scale)
        return outputs, _energy(particles, task, scale), dissipation

    def block(particles, _):
        particles, _ = jax.lax.scan(advance, particles, None, length=record_every)
        return particles, observe(particles)

    end, seen = jax.lax.scan(block, particles, None, length=steps // record_every)
    start = observe(particles)
    outputs, energy, dissipation = (
        jnp.concatenate([s[None], later]) for s, later in zip(start, seen, strict=True)
    )
    return Flow(outputs, energy, dissipation, end)


def energy_balance(flow: Flow, interval: float) -> jax.Array:
    r"""Relative violation of :math:`dE/dt = -` dissipation at the inner records, (t - 1,).

    The derivative is a central difference over records that are ``interval`` apart, so the violation
    of an exact flow is of the order of the interval squared.
    """
    slope = (flow.energy[2:] - flow.energy[:-2]) / (2 * interval)
    return jnp.abs(slope + flow.dissipation[1:-1]) / flow.dissipation[1:-1]
