"""Double descent of random features, as labelled arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from tqdm import tqdm

from widelimit.keys import numpy_generator
from widelimit.store import array
from widelimit.theory.double_descent import isotropic_prediction, random_feature_risk
from widelimit.theory.medians import medians

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
    dims = ("regression", "features")
    return xr.Dataset(
        {
            "risk": array(risks, (*dims, "trial"), "test MSE without test noise"),
            **medians(risks, dims, rng),
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
