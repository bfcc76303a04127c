r"""Preconditioned conjugate gradients for :math:`(K + \lambda I)\alpha = y` with many targets at once.

All targets share one product with K in each iteration: where K is on disk, reading it is what takes time. (Solvers of
other libraries take one vector, or hold the kernel in the memory of a device.)
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
from tqdm import tqdm

from widelimit.regression.cholesky import columns_of, relative
from widelimit.regression.solution import Solution

__all__ = ["conjugate_gradients"]

_log = logging.getLogger(__name__)


def conjugate_gradients(
    kernel: Any,
    y: np.ndarray,
    *,
    ridge: float = 0.0,
    precondition: Callable[[np.ndarray], np.ndarray] | None = None,
    tolerance: float = 1e-6,
    iterations: int = 1000,
    progress: bool = True,
) -> Solution:
    """Weights for targets of shape (n, outputs).

    Args:
        kernel: what has a length and products ``kernel @ weights``: an array, or a `KernelOnDisk`.
        y: targets.
        ridge: λ ≥ 0.
        precondition: an approximate inverse of the kernel with its ridge, see `nystrom`.
        tolerance: largest norm of a residual, over that of its targets.
        iterations: at most so many; if they do not suffice that is said by a warning, and `Solution.residual` tells
            how far they came.
        progress: show a bar.
    """
    precondition = precondition or np.copy
    y = columns_of(y, len(kernel))
    weights, rest = np.zeros(y.shape), np.array(y, float)
    direction = ahead = precondition(rest)
    energy = np.sum(rest * ahead, axis=0)
    count = 0
    with tqdm(total=iterations, desc="conjugate gradients", disable=not progress, delay=2) as bar:
        while count < iterations and relative(rest, y) > tolerance:
            image = kernel @ direction + ridge * direction
            step = _ratio(energy, np.sum(direction * image, axis=0))
            weights, rest = weights + step * direction, rest - step * image
            ahead = precondition(rest)
            energy, before = np.sum(rest * ahead, axis=0), energy
            direction = ahead + _ratio(energy, before) * direction
            count += 1
            bar.update()
    # That of the recursion drifts away from it.
    residual = relative(y - kernel @ weights - ridge * weights, y)
    if residual > 2 * tolerance:
        _log.warning(
            "conjugate gradients stopped at a residual of %.1e, above %.1e, after %d iterations%s.", residual, tolerance,
            count, _advice(finished=count < iterations),
        )  # fmt: skip
    return Solution(weights, residual, ridge, count)


def _advice(*, finished: bool) -> str:
    if finished:
        return ": more would not help, as rounding is what is left. Take a larger ridge"
    return ": allow more, take more columns for the preconditioner, or a larger ridge"


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The quotient; 0 where b is 0, for targets that are solved exactly."""
    return np.divide(a, b, out=np.zeros_like(a), where=b != 0)
