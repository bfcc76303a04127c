r"""How much a kernel learns from few images, in the way of Arora et al. 2020.

Training sets of n images, as many of each class, are drawn from a pool again and again; the interpolating predictor
:math:`k(x, X) K(X, X)^{-1} Y`, with 1 - 1/k for the own class and -1/k for the others, classifies all test images.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from tqdm import tqdm

from widelimit.errors import InputError
from widelimit.keys import numpy_generator
from widelimit.regression import coded, factorise
from widelimit.statistics import wilson
from widelimit.store import array

__all__ = ["small_data"]


def small_data(
    train: np.ndarray,
    cross: np.ndarray,
    classes: tuple[np.ndarray, np.ndarray],
    *,
    sizes: Sequence[int],
    draws: int,
    resamples: int,
    seed: int,
) -> xr.Dataset:
    """Test accuracy against the number of training images, with its interval over pool and test images.

    The whole pool as one training set is at the end, with an interval over test images alone.

    Each resample takes a random half of each class of the pool, and test images with replacement, and has ``draws``
    training sets of them: what training sets of one pool have in common counts in the interval. (Means over m of p images
    vary by 1/m - 1/p around that of the pool, which for half of them is the 1/p by which a pool varies; a pool drawn with
    replacement would leave more different images than half, and intervals too narrow.)

    Args:
        train: kernel of the pool, shape (p, p).
        cross: kernel between test images and the pool, shape (t, p).
        classes: of the pool and of the test images, from 0 on.
        sizes: numbers of training images, multiples of the number of classes; of each class the pool has twice as many.
        draws: training sets of each size.
        resamples: number of resamples.
        seed: the study's seed.
    """
    machine = _Interpolation(train, cross, *classes)
    members = [np.flatnonzero(machine.pool == c) for c in range(machine.classes)]
    _check(sizes, members)
    accuracy, interval = np.empty((len(sizes), draws)), np.empty((len(sizes), 2))
    for i, n in enumerate(tqdm(sizes, "training sets", mininterval=2)):
        rng = numpy_generator(seed, "small data", n)
        accuracy[i] = machine.right(_draws(rng, members, n, draws)).mean(1)
        means = [_resampled(rng, machine, members, n, draws) for _ in range(resamples)]
        interval[i] = np.quantile(means, [0.025, 0.975])
    tested = len(machine.tested)
    whole = machine.right([np.arange(len(machine.pool))])[0]
    share, *ends = wilson(int(whole.sum()), tested)
    return xr.Dataset(
        {
            "accuracy": array(accuracy, ("size", "draw"), "share of test images whose class is found"),
            "mean_accuracy": array(accuracy.mean(1), "size", "mean accuracy over training sets"),
            "interval": array(interval, ("size", "bound"), "95 % interval of the mean, by resampling"),
            "whole_right": array(whole, "image", "whether the class of a test image is found by the whole pool"),
            "whole_accuracy": array(share, (), "accuracy with the whole pool as training set"),
            "whole_interval": array(ends, "bound", "its 95 % interval over test images"),
        },
        {
            "size": array(list(sizes), "size", "training images"),
            "draw": array(np.arange(draws), "draw", "number of the training set"),
            "bound": array(["low", "high"], "bound", "end of the interval"),
            "image": array(np.arange(tested), "image", "number of the test image"),
        },
        {
            "pool": len(machine.pool), "test": tested, "classes": machine.classes, "resamples": resamples,
            "largest_ridge": machine.ridge, "largest_residual": machine.residual,
        },
    )  # fmt: skip


class _Interpolation:
    """Classifies test images by training sets of a pool.

    Attributes:
        ridge: the largest share of the mean diagonal that had to be added to it, of all training sets so far.
        residual: the largest residual.
    """

    def __init__(self, train: np.ndarray, cross: np.ndarray, pool: np.ndarray, tested: np.ndarray):
        self.train, self.cross, self.pool, self.tested = train, cross, pool, tested
        self.classes = int(pool.max()) + 1
        self.ridge = self.residual = 0.0

    def right(self, sets: list[np.ndarray]) -> np.ndarray:
        """Which test images are classified as what they are, (sets, t)."""
        return np.stack([self._right(chosen) for chosen in sets])

    def _right(self, chosen: np.ndarray) -> np.ndarray:
        kernel = self.train[np.ix_(chosen, chosen)]
        factor = factorise(kernel, warn=False)
        found = factor.solve(coded(self.pool[chosen], self.classes))
        self.ridge = max(self.ridge, factor.ridge / float(np.mean(np.diagonal(kernel))))
        self.residual = max(self.residual, found.residual)
        return np.argmax(self.cross[:, chosen] @ found.weights, axis=1) == self.tested


def _check(sizes: Sequence[int], members: list[np.ndarray]) -> None:
    rarest, count = min(map(len, members)), len(members)
    wrong = [n for n in sizes if n % count or 2 * n > rarest * count]
    if wrong:
        raise InputError(
            f"training sets of {wrong} images are no multiples of {count} classes, or take more than half of a class: the "
            f"rarest has {rarest} images in the pool. Ask for fewer, or for a pool with `balanced: true`."
        )


def _draws(
    rng: np.random.Generator, members: list[np.ndarray], n: int, count: int
) -> list[np.ndarray]:
    """``count`` training sets of n images, with as many of each class."""
    each = n // len(members)
    return [
        np.concatenate([rng.choice(part, each, replace=False) for part in members])
        for _ in range(count)
    ]


def _resampled(
    rng: np.random.Generator, machine: _Interpolation, members: list[np.ndarray], n: int, draws: int
) -> float:
    """Mean accuracy with half of the pool, and with test images that are drawn with replacement."""
    halves = [rng.choice(part, len(part) // 2, replace=False) for part in members]
    total = len(machine.tested)
    counts = np.bincount(rng.integers(total, size=total), minlength=total)
    right = machine.right(_draws(rng, halves, n, draws))
    return float(np.mean(right @ counts) / total)
