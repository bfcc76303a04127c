"""Training sets that networks and kernels share, and what both find of the test images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from widelimit.datasets import images, labels
from widelimit.errors import InputError
from widelimit.keys import numpy_generator
from widelimit.store import array

__all__ = ["Subset", "found", "subsets"]


class Subset(NamedTuple):
    """One training set, and all test images.

    Attributes:
        x, classes: training images, shape (n, height, width, channels), and their classes from 0 on.
        test, tested: test images and their classes.
        outputs: number of classes.
    """

    x: np.ndarray
    classes: np.ndarray
    test: np.ndarray
    tested: np.ndarray
    outputs: int


def subsets(data: xr.Dataset, *, seed: int, train: int, draws: int) -> list[Subset]:
    """Training sets of a prepared data set with as many images of each class, the same for equal arguments.

    Args:
        data: the data set.
        seed: the study's seed.
        train: images of a training set, a multiple of the number of classes.
        draws: how many training sets.
    """
    pool, tested = labels(data)
    x, rng = images(data), numpy_generator(seed, "image networks")
    members = [np.flatnonzero(pool == c) for c in range(int(pool.max()) + 1)]
    count = len(members)
    if train % count or train // count > min(map(len, members)):
        raise InputError(
            f"train is {train}, expected a multiple of {count} classes, of the rarest of which there are "
            f"{min(map(len, members))} training images."
        )
    chosen = [
        np.concatenate([rng.choice(part, train // count, replace=False) for part in members])
        for _ in range(draws)
    ]
    return [Subset(x[i], pool[i], x[len(pool) :], tested, count) for i in chosen]


def found(right: np.ndarray, **others: xr.Variable) -> xr.Dataset:
    """What is found of the test images, as a labelled data set.

    Args:
        right: which of them are classified as what they are, shape (draws, tests).
        others: other variables.
    """
    return xr.Dataset(
        {"right": array(right, ("draw", "image"), "whether the class of a test image is found"), **others},
        {
            "draw": array(np.arange(len(right)), "draw", "number of the training set"),
            "image": array(np.arange(right.shape[1]), "image", "number of the test image"),
        },
    )  # fmt: skip
