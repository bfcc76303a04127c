r"""Networks trained on the strong form: :math:`\int |A u - f|^2 + \beta\, \mathrm{mean}_{\partial} |u - g|^2`."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.dynamics import minimise
from widelimit.keys import jax_key
from widelimit.networks import Layer, init_many, mlp
from widelimit.precision import precision
from widelimit.studies.pinn.problems import Problem

__all__ = ["PinnResult", "interior_residual", "network", "train"]


class PinnResult(NamedTuple):
    """What training reached, for s networks.

    Attributes:
        steps: optimiser steps at which the loss was recorded, (blocks,).
        loss: loss along training, (blocks, s).
        residual: interior residual ∫|A u - f|² at the end, (s,).
        start: the same at initialisation, (s,).
        error: relative L² error against the exact field, (s,).
        field: displacement of the first network at ``points``, (m, o).
        points: where it was evaluated, (m, d).
    """

    steps: np.ndarray
    loss: np.ndarray
    residual: np.ndarray
    start: np.ndarray
    error: np.ndarray
    field: np.ndarray
    points: np.ndarray


def network(problem: Problem, activation: str, width: int) -> Layer:
    """A perceptron with two hidden layers from points to displacements."""
    return mlp(activation, 3, width=width, outputs=problem.dimension, w_std=2**0.5, b_std=1.0)


def interior_residual(
    problem: Problem, net: Layer, params: Any, points: jax.Array, weights: jax.Array
) -> jax.Array:
    """∫|A u - f|² of a network by the quadrature rule ``points``, ``weights``."""

    def field(x):
        return net.apply(params, x[None])[0]

    residuals = jax.vmap(lambda x: problem.residual(field, x))(points)
    return weights @ jnp.sum(residuals**2, axis=1)


def train(
    problem: Problem,
    activation: str,
    *,
    seed: int,
    networks: int,
    width: int,
    steps: int,
    learning_rate: float,
    order: int,
    boundary_weight: float,
) -> PinnResult:
    """Train several networks side by side and compare them with the exact solution.

    Args:
        problem: what to solve.
        activation: a name of `networks.mlp`.
        seed: the study's seed.
        networks: how many networks to train.
        width: units of both hidden layers.
        steps, learning_rate: of Adam.
        order: Gauss-Legendre points for each axis.
        boundary_weight: β.
    """
    net = network(problem, activation, width)
    with precision("float64"):
        points, weights = map(jnp.asarray, problem.interior(order))
        edge = jnp.asarray(problem.boundary(4 * order))
        exact = jax.jit(jax.vmap(problem.exact))
        exact_edge = exact(edge)
        keys = jax.random.split(jax_key(seed, "pinn", problem.name, activation), networks)
        params = init_many(net, keys, (problem.dimension,))

        def loss(params, _key, _data):
            misfit = jnp.sum((net.apply(params, edge) - exact_edge) ** 2, axis=1)
            inside = interior_residual(problem, net, params, points, weights)
            return inside + boundary_weight * jnp.mean(misfit)

        @jax.jit
        @jax.vmap
        def residual(params):
            return interior_residual(problem, net, params, points, weights)

        start = np.asarray(residual(params))
        end = minimise(
            loss, params, keys, steps=steps, learning_rate=learning_rate,
            title=f"{problem.name}, {activation}",
        )  # fmt: skip
        grid, grid_weights = problem.interior(32)
        evaluate = jax.jit(jax.vmap(net.apply, (0, None)))
        fields = np.asarray(evaluate(end.params, jnp.asarray(grid)))
        truth = np.asarray(exact(jnp.asarray(grid)))
        error = np.sum((fields - truth) ** 2, axis=2) @ grid_weights
        norm = np.sum(truth**2, axis=1) @ grid_weights
        return PinnResult(
            end.steps,
            end.loss,
            np.asarray(residual(end.params)),
            start,
            np.sqrt(error / norm),
            fields[0],
            grid,
        )
