"""Double descent of random features, as labelled arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import xarray as xr
from tqdm import tqdm

from widelimit.keys import numpy_generator
from widelimit.statistics import bootstrap
from widelimit.store import array
from widelimit.theory.double_descent import isotropic_prediction, random_feature_risk

__all__ = ["descent_study"]


def descent_study(
    *, seed: int, samples: int, features: Sequence[int], trials: int, noise: float, dimension: int
) -> xr.Dataset:
    """Median test error of random ReLU features through p = n, without and with the best ridge."""
    risks = np.empty((2, len(features), trials))
    for j, p in enumerate(tqdm(features, "double descent", mininterval=2)):
        for trial in range(trials):
            rng = numpy_generator(seed, "descent", p, trial)
            risks[:, j, trial] = random_feature_risk(
                rng, n=samples, p=p, dimension=dimension, noise=noise
            )
    rng = numpy_generator(seed, "descent", "bootstrap")
    middle: Callable[[np.ndarray], np.ndarray] = partial(np.median, axis=-1)
    summaries = [[bootstrap(middle, [r], rng, 2000) for r in row] for row in risks]
    dims = ("regression", "features")
    return xr.Dataset(
        {
            "risk": array(risks, (*dims, "trial"), "test MSE without test noise"),
            "median": array(
                [[s.estimate for s in row] for row in summaries], dims, "median over draws"
            ),
            "median_interval": array(
                [[s.interval() for s in row] for row in summaries],
                (*dims, "bound"),
                "95 % interval of the median",
            ),
            "isotropic": array(
                [isotropic_prediction(samples, p, noise) for p in features],
                "features",
                "expected excess risk for isotropic Gaussian inputs in p dimensions",
            ),
        },
        {
            "regression": array(["least norm", "best ridge"], "regression", "regression"),
            "features": array(list(features), "features", "random features, p"),
            "trial": array(np.arange(trials), "trial", "number of the draw"),
            "bound": array(["low", "high"], "bound", "end of the interval"),
        },
        {"samples": samples, "noise": noise, "dimension": dimension},
    )
