"""From samples to the data set that all stages read: chosen, split, standardised, labelled."""

from __future__ import annotations

import dataclasses

import numpy as np
import xarray as xr

from widelimit.datasets.samples import Samples
from widelimit.errors import InputError
from widelimit.store import array

__all__ = ["STANDARDISATIONS", "prepare", "standardise"]

STANDARDISATIONS = {
    "features": "each feature shifted and scaled to mean 0 and variance 1 over the training set",
    "channels": "each channel of the images shifted and scaled to mean 0 and variance 1 over the training set",
    "sphere": "features centred by the training mean, then each sample scaled to |x|² = d",
    "none": "left as they are",
}
"""What can be done to inputs, in words."""


def prepare(
    samples: Samples,
    rng: np.random.Generator,
    *,
    train: int,
    test: int,
    standardize: str,
    noise: float = 0.0,
    classes: list[int] | None = None,
    balanced: bool = False,
) -> xr.Dataset:
    """Choose training and test samples at random, standardise inputs, encode targets, add noise.

    Targets of a classification become one column for each class, 1 - 1/C for the right class and
    -1/C for the others, or for two classes a single column of ±1.

    Args:
        samples: the data.
        rng: chooses samples and draws noise.
        train, test: numbers of samples; the source's own test set is respected if it has one.
        standardize: a key of `STANDARDISATIONS`.
        noise: standard deviation of Gaussian noise added to the training targets.
        classes: class numbers to keep; None keeps all.
        balanced: whether there are as many training samples of each class.

    Returns:
        Variables ``x`` (sample, feature), ``y`` (sample, output) with noise on training samples,
        ``y_clean`` without, and ``split`` (sample): training samples first. The coordinate ``sample``
        is the sample's number in its source. The attribute ``image`` is the shape of images, see `images`.
    """
    number = np.arange(len(samples.x))
    if classes is not None:
        samples, number = _only(samples, number, classes)
    chosen = _split(samples, rng, train, test, balanced=balanced)
    samples, number = samples.take(chosen), number[chosen]
    x = standardise(samples.x, samples.x[:train], standardize, samples.image)
    clean = _targets(samples)
    noisy = (
        clean + noise * rng.standard_normal(clean.shape) * (np.arange(len(clean)) < train)[:, None]
    )
    split = np.where(np.arange(len(x)) < train, "train", "test")
    return xr.Dataset(
        {
            "x": array(x, ("sample", "feature"), "standardised input"),
            "y": array(noisy, ("sample", "output"), "target, with label noise on training samples"),
            "y_clean": array(clean, ("sample", "output"), "target without label noise"),
            "split": array(split, "sample", "part that the sample belongs to"),
        },
        {
            "sample": array(number, "sample", "number of the sample in its source"),
            "feature": array(np.arange(x.shape[1]), "feature", "number of the feature"),
            "output": array(np.arange(clean.shape[1]), "output", "number of the output"),
        },
        {
            "origin": samples.origin,
            "standardisation": STANDARDISATIONS[standardize],
            "splitting": f"{train} training and {test} test samples, chosen at random"
            + (", as many training samples of each class" if balanced else ""),
            "label_noise": f"Gaussian, standard deviation {noise:g}, training samples only",
            "classes": ", ".join(samples.classes),
            **({"image": samples.image} if samples.image else {}),
        },
    )


def _only(samples: Samples, number: np.ndarray, classes: list[int]) -> tuple[Samples, np.ndarray]:
    if not samples.classes:
        raise InputError("`classes` selects classes, but this data set has a regression target.")
    unknown = [c for c in classes if not 0 <= c < len(samples.classes)]
    if unknown or len(classes) < 2:
        raise InputError(
            f"classes is {classes}, expected at least two of 0 … {len(samples.classes) - 1}."
        )
    keep = np.flatnonzero(np.isin(samples.y, classes))
    renumbered = np.searchsorted(sorted(classes), samples.y[keep])
    names = tuple(samples.classes[c] for c in sorted(classes))
    kept = dataclasses.replace(samples.take(keep), y=renumbered, classes=names)
    return kept, number[keep]


def _split(
    samples: Samples, rng: np.random.Generator, train: int, test: int, *, balanced: bool
) -> np.ndarray:
    """Indices of ``train`` training and then ``test`` test samples."""
    order = rng.permutation(len(samples.x))
    if samples.is_test is None:
        order = _balanced_first(samples, order, train) if balanced else order
        pools = (order, order[train:])
    else:
        pools = (order[~samples.is_test[order]], order[samples.is_test[order]])
        pools = (_balanced_first(samples, pools[0], train), pools[1]) if balanced else pools
    for name, wanted, pool in zip(("train", "test"), (train, test), pools, strict=True):
        if wanted > len(pool):
            raise InputError(
                f"{name} is {wanted}, but only {len(pool)} samples are there for it "
                f"(of {len(samples.x)} in all): ask for fewer."
            )
    return np.concatenate([pools[0][:train], pools[1][:test]])


def _balanced_first(samples: Samples, order: np.ndarray, train: int) -> np.ndarray:
    """The same samples, the first ``train`` of them as many of each class."""
    count = len(samples.classes)
    if not count or train % count:
        raise InputError(
            f"train is {train} and balanced, expected a multiple of the number of classes, {count}."
        )
    y = samples.y[order]
    rank = np.empty(len(y), int)
    for c in range(count):
        rank[y == c] = np.arange(np.sum(y == c))
    first = rank < train // count
    if first.sum() < train:
        raise InputError(
            f"train is {train} and balanced, but the rarest class has {min(np.bincount(y, minlength=count))} samples."
        )
    return np.concatenate([order[first], order[~first]])


def standardise(
    x: np.ndarray, training: np.ndarray, how: str, image: tuple[int, int, int] | None = None
) -> np.ndarray:
    """Rows ``x`` as `STANDARDISATIONS` says for ``how``, by moments of the rows ``training`` alone.

    Args:
        x, training: rows of features.
        how: a key of `STANDARDISATIONS`.
        image: the shape of images, whose channels are to be standardised.
    """
    if how == "none":
        return x
    if how == "channels":
        if image is None:
            raise InputError("standardize is channels, and these are no images: expected features.")
        pixels, training = x.reshape(-1, image[2]), training.reshape(-1, image[2])
        return standardise(pixels, training, "features").reshape(x.shape)
    centred = x - training.mean(axis=0)
    if how == "features":
        spread = training.std(axis=0)
        return centred / np.where(spread > 0, spread, 1)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    if not norm.all():
        raise InputError("a sample equals the training mean, so it has no place on the sphere.")
    return centred * np.sqrt(x.shape[1]) / norm


def _targets(samples: Samples) -> np.ndarray:
    if not samples.classes:
        return samples.y
    n_classes = len(samples.classes)
    if n_classes == 2:
        return 2.0 * samples.y[:, None] - 1
    return np.eye(n_classes)[samples.y] - 1 / n_classes
