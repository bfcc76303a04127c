r"""Propagation of chaos: how N particles approach their mean-field limit.

Outputs and synchronously coupled particles (the same starting points, one moved by the field of N
particles, one by the limit's) are off by :math:`N^{-1/2}`. The Wasserstein distance between the
N-particle law and the limit is not: in parameter dimension D above 4 it decays like
:math:`N^{-1/D}`, as it does for N independent draws of the limit itself (Fournier and Guillin 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
import ot
from tqdm import tqdm

from widelimit.keys import jax_key
from widelimit.precision import precision
from widelimit.studies.meanfield.particles import draw, evolve, product_task

__all__ = ["ChaosErrors", "Distances", "output_errors", "wasserstein"]

_POINTS = 16
_DIMENSION = 4
"""Of the inputs; particles have two coordinates more, so that D = 6."""


class Distances(NamedTuple):
    """Wasserstein-2 distances over repetitions, each (r,).

    Attributes:
        evolved: between N particles after the flow and a sample of the limit.
        baseline: between N independent draws of the limit and the same sample.
    """

    evolved: np.ndarray
    baseline: np.ndarray


class ChaosErrors(NamedTuple):
    """Deviations from the limit at the end, for each size and repetition, each (len(sizes), r).

    Attributes:
        outputs: RMS deviation of outputs over the task's inputs.
        coupled: RMS distance of coupled particles.
    """

    outputs: np.ndarray
    coupled: np.ndarray


def output_errors(
    seed: int,
    sizes: Sequence[int],
    *,
    reference: int,
    repetitions: int,
    step: float,
    steps: int,
    scaling: str = "mean-field",
) -> ChaosErrors:
    """Compare clouds of several sizes with one of ``reference`` particles, which stands for the limit.

    Each cloud's particles start as members of the reference cloud that no other cloud has, and are
    compared with them one by one. At time zero deviations of outputs are those of independent draws; only
    at the end do they show that particles which interact stay nearly independent.

    Args:
        seed: the study's seed.
        sizes: numbers of particles.
        reference: size of the reference cloud, at least ``repetitions`` × the sum of sizes.
        repetitions: independent clouds for each size.
        step, steps, scaling: as in `evolve`.
    """
    needed = repetitions * sum(sizes)
    if reference < needed:
        raise ValueError(
            f"reference is {reference}, expected at least repetitions × sum of sizes = {needed}, so that "
            "the clouds are independent."
        )
    options: dict[str, Any] = {
        "step": step,
        "steps": steps,
        "scaling": scaling,
        "record_every": steps,
    }
    with precision("float64"):
        task = product_task(_POINTS, _DIMENSION)
        start = np.asarray(draw(jax_key(seed, "chaos"), reference, _DIMENSION))
        limit = jax.tree.map(np.asarray, evolve(start, task, **options))
        outputs, coupled, used = [], [], 0
        for size in tqdm(sizes, "particles", mininterval=2):
            own = slice(used, used := used + repetitions * size)
            clouds = start[own].reshape(repetitions, size, -1)
            flows = jax.tree.map(np.asarray, evolve(clouds, task, **options))
            gap = flows.outputs[:, -1] - limit.outputs[-1]
            outputs.append(np.sqrt(np.mean(gap**2, axis=1)))
            twins = limit.particles[own].reshape(flows.particles.shape)
            moved = np.sum((flows.particles - twins) ** 2, axis=2)
            coupled.append(np.sqrt(np.mean(moved, axis=1)))
    return ChaosErrors(np.array(outputs), np.array(coupled))


def wasserstein(
    seed: int,
    sizes: Sequence[int],
    *,
    reference: int,
    repetitions: int,
    step: float,
    steps: int,
) -> list[Distances]:
    """Wasserstein-2 distance to the limit's law, beside that of independent draws of that law.

    Args:
        seed: the study's seed.
        sizes: numbers of particles; one entry of the result for each.
        reference: particles that stand for the limit's law.
        repetitions: independent clouds of each size.
        step, steps: as in `evolve`.
    """
    options: dict[str, Any] = {"step": step, "steps": steps, "record_every": steps}
    largest = repetitions * max(sizes)
    with precision("float64"):
        task = product_task(_POINTS, _DIMENSION)
        start = np.asarray(draw(jax_key(seed, "wasserstein"), reference + 2 * largest, _DIMENSION))
        law = np.asarray(evolve(start[: reference + largest], task, **options).particles)
        others = start[reference + largest :]
        results = []
        for size in tqdm(sizes, "transport", mininterval=2):
            clouds = others[: repetitions * size].reshape(repetitions, size, -1)
            flows = np.asarray(evolve(clouds, task, **options).particles)
            fresh = law[reference : reference + repetitions * size].reshape(flows.shape)
            results.append(
                Distances(
                    *(
                        np.array([_distance(cloud, law[:reference]) for cloud in group])
                        for group in (flows, fresh)
                    )
                )
            )
    return results


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Wasserstein-2 distance of two uniform point clouds by optimal transport (POT)."""
    return float(np.sqrt(ot.emd2([], [], ot.dist(a, b), numItermax=10_000_000)))
