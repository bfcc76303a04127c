"""Gaussian processes compared on random splits of one data set, as labelled arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from widelimit.datasets.prepare import standardise
from widelimit.keys import numpy_generator
from widelimit.networks import Layer
from widelimit.sklearn.marginal_likelihood import Fit, covariances, fit
from widelimit.statistics import student
from widelimit.store import array
from widelimit.theory.calibration import (
    LEVELS,
    calibration_error,
    coverage,
    frequencies,
    nlpd,
    pit,
    rmse,
)

__all__ = ["REFERENCE", "SCORES", "processes_study"]

REFERENCE = "RBF"
"""The kernel from which differences are taken."""

SCORES = ("nlpd", "rmse", "calibration_error")
"""What differences are taken of; the smaller the better."""

_INTERVALS = (0.5, 0.9)


def processes_study(
    data: xr.Dataset,
    net: Layer,
    *,
    seed: int,
    name: str,
    fitted: Sequence[str],
    train: int,
    test: int,
    splits: int,
    restarts: int,
) -> xr.Dataset:
    """Test scores of all `covariances`, each fitted by marginal likelihood on the same splits.

    Both parts of a split are drawn from the data set's training samples, so that they have the same
    noise. Features and targets are standardised by the training part; all scores are in these units.

    Args:
        data: ``x`` (sample, feature), ``y`` (sample, output) and ``split`` (sample) of a data set.
        net: the network whose kernels are compared with others.
        seed: the study's seed.
        name: the data set's name; splits follow from it and the seed.
        fitted: hyper-parameters of the network that are fitted, as in `covariances`.
        train, test: samples of each part.
        splits: random splits.
        restarts: starts of each fit after the first.
    """
    pool = data.isel(sample=np.flatnonzero(data.split.values == "train"))
    x, y = pool.x.values, pool.y.values
    kernels = covariances(net, x.shape[1], fitted)
    fits: dict[str, list[dict[str, Any]]] = {kernel: [] for kernel in kernels}
    for split in tqdm(range(splits), f"processes on {name}", mininterval=2):
        rng = numpy_generator(seed, "processes", name, split)
        chosen = rng.permutation(len(x))[: train + test]
        inputs, targets = (standardise(v[chosen], v[chosen[:train]], "features") for v in (x, y))
        start = int(rng.integers(2**32))
        for kernel, covariance in kernels.items():
            found = fit(covariance, inputs[:train], targets[:train], restarts=restarts, seed=start)
            fits[kernel].append(_scores(found, inputs[train:], targets[train:]))
    return _labelled(fits, splits, test / train).assign_attrs(
        dataset=name, fitted=", ".join(fitted), train=train, test=test, restarts=restarts
    )


def _scores(found: Fit, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """What one fit is worth on test inputs (m, d) and targets (m, o)."""
    mean, std = found.predict(x)
    u = pit(y, mean, std)
    return {
        "nlpd": nlpd(y, mean, std),
        "rmse": rmse(y, mean),
        "calibration_error": calibration_error(u),
        "coverage": [coverage(u, level) for level in _INTERVALS],
        "frequency": frequencies(u),
        "log_marginal_likelihood": found.process.log_marginal_likelihood_value_,
        "hyper": found.hyper,
        "at_bound": len(found.at_bound),
        "unconverged": found.unconverged,
    }


def _labelled(fits: dict[str, list[dict[str, Any]]], splits: int, overlap: float) -> xr.Dataset:
    names = list(dict.fromkeys(n for rows in fits.values() for row in rows for n in row["hyper"]))

    def values(key: str) -> np.ndarray:
        return np.array([[row[key] for row in rows] for rows in fits.values()])

    def each(key: str, long_name: str, units: str = "1", *more: str) -> xr.Variable:
        return array(values(key), ("kernel", "split", *more), long_name, units)

    hyper = [
        [[row["hyper"].get(n, np.nan) for n in names] for row in rows] for rows in fits.values()
    ]
    return xr.Dataset(
        {
            "nlpd": each("nlpd", "mean negative log predictive density of test targets", "nat"),
            "rmse": each("rmse", "root mean square test error"),
            "calibration_error": each("calibration_error", "mean |frequency - level|"),
            "coverage": each("coverage", "test targets in the interval", "1", "interval"),
            "frequency": each("frequency", "test targets below the quantile", "1", "level"),
            "log_marginal_likelihood": each(
                "log_marginal_likelihood", "log marginal likelihood of training targets", "nat"
            ),
            "hyper": array(
                hyper, ("kernel", "split", "parameter"), "fitted hyper-parameter; NaN: it has none"
            ),
            "at_bound": each("at_bound", "hyper-parameters fitted that ended at a bound"),
            "unconverged": each("unconverged", "starts that stopped before they had converged"),
            **_differences({score: values(score) for score in SCORES}, list(fits), overlap),
        },
        {
            "kernel": array(list(fits), "kernel", "kernel"),
            "split": array(np.arange(splits), "split", "number of the random split"),
            "interval": array(list(_INTERVALS), "interval", "probability of the central interval"),
            "level": array(LEVELS, "level", "level of the predictive quantile"),
            "parameter": array(names, "parameter", "hyper-parameter"),
            "score": array(list(SCORES), "score", "score"),
            "bound": array(["low", "high"], "bound", "end of the interval"),
        },
        {"reference": REFERENCE},
    )


def _differences(
    scores: dict[str, np.ndarray], kernels: list[str], overlap: float
) -> dict[str, xr.Variable]:
    """Paired differences from the reference over splits; ``scores`` are of shape (kernel, split)."""
    reference = kernels.index(REFERENCE)
    means = [
        [student(row, overlap) for row in values - values[reference]] for values in scores.values()
    ]
    return {
        "difference": array(
            [[m.estimate for m in row] for row in means],
            ("score", "kernel"),
            f"mean difference of the score from that of {REFERENCE} on the same split",
        ),
        "difference_interval": array(
            [[m.interval() for m in row] for row in means],
            ("score", "kernel", "bound"),
            "its 95 % interval, corrected for the overlap of training sets",
        ),
    }
