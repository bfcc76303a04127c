"""C45: double descent, with its peak at as many features as samples."""

from __future__ import annotations

import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.keys import numpy_generator
from widelimit.statistics import ConfidenceDistribution, bootstrap, student
from widelimit.theory.double_descent import (
    isotropic_excess,
    isotropic_prediction,
    random_feature_risk,
)

__all__ = ["CLAIM"]


def measure(
    seed: int,
    *,
    ridge: str,
    samples: int,
    features: tuple[int, ...],
    trials: int,
    isotropic_features: tuple[int, ...],
    isotropic_trials: int,
    noise: float,
) -> dict[str, ConfidenceDistribution]:
    """Median test error of random ReLU features, and mean excess risk of isotropic regression."""
    risks = []
    for p in features:
        rng = numpy_generator(seed, "c45", p)
        draws = [
            random_feature_risk(rng, n=samples, p=p, dimension=20, noise=noise)
            for _ in range(trials)
        ]
        risks.append([r.least_norm if ridge == "none" else r.best_ridge for r in draws])
    grid = np.array(features, float)

    def peak(*per_size: np.ndarray) -> np.ndarray:
        return grid[np.argmax([np.median(r, axis=-1) for r in per_size], axis=0)]

    rng = numpy_generator(seed, "c45", "bootstrap", ridge)
    measured = {"peak": bootstrap(peak, [np.array(r) for r in risks], rng)}
    for p in isotropic_features:
        rng = numpy_generator(seed, "c45", "isotropic", p)
        excess = [isotropic_excess(rng, samples, p, noise) for _ in range(isotropic_trials)]
        ratio = np.array(excess) / isotropic_prediction(samples, p, noise)
        measured[f"isotropic {p}"] = student(ratio)
    return measured


_ISOTROPIC = (50, 200, 400)

CLAIM = Claim(
    id="C45",
    title="Double descent peaks at p = n",
    statement=(
        "The test error of least-norm regression on p random ReLU features peaks at p = n; for "
        "isotropic Gaussian inputs the excess risk is σ² p/(n-p-1) below and "
        "1 - n/p + σ² n/(p-n-1) above."
    ),
    source="web page on NTKs; Du and Hu; Belkin et al. 2019; Hastie et al. 2022",
    erratum="'the infinitely wide end is best' does not follow: with much noise the minimum below p = n wins",
    statistics=(
        Statistic("peak", "features at the largest median test error, n = 100", 100, 90, 112),
        *(
            Statistic(
                f"isotropic {p}", f"mean excess risk over the formula, p = {p}", 1.0, 0.93, 1.07
            )
            for p in _ISOTROPIC
        ),
    ),
    settings={
        "ridge": "none",
        "samples": 100,
        "features": (20, 40, 60, 80, 90, 95, 100, 106, 112, 125, 150, 200, 400, 800),
        "trials": 60,
        "isotropic_features": _ISOTROPIC,
        "isotropic_trials": 750,
        "noise": 1.0,
    },
    adjusted="sample sizes were set for power and time after a pilot at another seed",
    control=Control("ridge", "best", "the best ridge removes the peak (Nakkiran et al. 2021)"),
    measure=measure,
    figure="double_descent",
    notebook="overfitting",
)
"""The claim."""
