r"""How much a kernel learns from few images (the protocol of Arora et al. 2020, section 5.2).

Training sets of n images, as many of each class, are drawn from a pool again and again; the interpolating predictor
:math:`k(x, X) K(X, X)^{-1} Y`, with 1 - 1/k for the own class and -1/k for the others, classifies all test images.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from tqdm import tqdm

from widelimit.keys import numpy_generator
from widelimit.regression import coded, factorise
from widelimit.store import array

__all__ = ["labels", "small_data"]


def labels(data: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Classes of the training and of the test samples of a prepared data set, from its targets."""
    y = data.y_clean.values
    classes = np.argmax(y, axis=1) if y.shape[1] > 1 else (y[:, 0] > 0).astype(int)
    is_test = data.split.values == "test"
    return classes[~is_test], classes[is_test]


def small_data(
    train: np.ndarray,
    cross: np.ndarray,
    labels: tuple[np.ndarray, np.ndarray],
    *,
    sizes: Sequence[int],
    draws: int,
    resamples: int,
    seed: int,
) -> xr.Dataset:
    """Test accuracy against the number of training images, with its interval over pool and test images.

    Args:
        train: kernel of the pool, shape (p, p).
        cross: kernel between test images and the pool, shape (t, p).
        labels: classes of the pool and of the test images, from 0 on.
        sizes: numbers of training images, multiples of the number of classes and at most half of the pool, so that a
            resampled pool has as many.
        draws: training sets of each size.
        resamples: of the bootstrap. Each draws pool and test images with replacement, takes what is there of the pool
            once, and has ``draws`` training sets of it: what they have in common counts in the interval.
        seed: the study's seed.
    """
    pool, tested = labels
    accuracy = np.empty((len(sizes), draws))
    interval = np.empty((len(sizes), 2))
    for i, n in enumerate(tqdm(sizes, "training sets", mininterval=2)):
        rng = numpy_generator(seed, "small data", n)
        right = np.stack(
            [_right(train, cross, pool, tested, chosen) for chosen in _draws(rng, pool, n, draws)]
        )
        accuracy[i] = right.mean(1)
        means = [_resampled(rng, train, cross, pool, tested, n, draws) for _ in range(resamples)]
        interval[i] = np.quantile(means, [0.025, 0.975])
    return xr.Dataset(
        {
            "accuracy": array(
                accuracy, ("size", "draw"), "share of test images whose class is found"
            ),
            "mean_accuracy": array(accuracy.mean(1), "size", "mean accuracy over training sets"),
            "interval": array(
                interval, ("size", "bound"), "95 % interval of the mean, by bootstrap"
            ),
        },
        {
            "size": array(list(sizes), "size", "training images"),
            "draw": array(np.arange(draws), "draw", "number of the training set"),
            "bound": array(["low", "high"], "bound", "end of the interval"),
        },
        {
            "pool": len(pool),
            "test": len(tested),
            "classes": int(pool.max()) + 1,
            "resamples": resamples,
        },
    )


def _draws(rng: np.random.Generator, labels: np.ndarray, n: int, count: int) -> list[np.ndarray]:
    """``count`` training sets of n images, with as many of each class."""
    classes = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    each = n // len(classes)
    return [
        np.concatenate([rng.choice(members, each, replace=False) for members in classes])
        for _ in range(count)
    ]


def _right(
    train: np.ndarray, cross: np.ndarray, pool: np.ndarray, tested: np.ndarray, chosen: np.ndarray
) -> np.ndarray:
    """Which test images are classified as what they are."""
    kernel = np.asarray(train[np.ix_(chosen, chosen)], float)
    targets = coded(pool[chosen], int(pool.max()) + 1)
    weights = factorise(kernel, overwrite=True).solve(targets).weights
    return np.argmax(cross[:, chosen] @ weights, axis=1) == tested


def _resampled(
    rng: np.random.Generator,
    train: np.ndarray,
    cross: np.ndarray,
    pool: np.ndarray,
    tested: np.ndarray,
    n: int,
    draws: int,
) -> float:
    """Mean accuracy with a pool and test images that are drawn with replacement, class by class of the pool."""
    again = np.unique(np.concatenate(_again(rng, pool)))
    counts = np.bincount(rng.integers(len(tested), size=len(tested)), minlength=len(tested))
    sets = _draws(rng, pool[again], n, draws)
    right = [_right(train, cross, pool, tested, again[chosen]) for chosen in sets]
    return float(np.mean(right @ counts) / len(tested))


def _again(rng: np.random.Generator, labels: np.ndarray) -> list[np.ndarray]:
    members = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    return [rng.choice(part, len(part)) for part in members]
