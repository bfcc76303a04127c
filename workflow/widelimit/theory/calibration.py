r"""How good predictions with error bars are: their log density, their error, their calibration.

A prediction is a normal law :math:`N(\mu_i, s_i^2)` for each target :math:`y_i`, with the noise in it.
Its *probability integral transform* :math:`u_i = \Phi((y_i - \mu_i)/s_i)` is uniform on [0, 1] if the law is
the true one (Dawid 1984), so that a fraction p of all targets lies below the quantiles of level p.
"""

from __future__ import annotations

import numpy as np
from scipy import special

__all__ = ["LEVELS", "calibration_error", "coverage", "frequencies", "nlpd", "pit", "rmse"]

LEVELS: np.ndarray = np.arange(1, 20) / 20
"""Levels of the quantiles at which calibration is measured."""


def nlpd(y: np.ndarray, mean: np.ndarray, std: np.ndarray) -> float:
    r"""Mean negative log predictive density in nats, over all entries of arrays of one shape.

    .. math:: \mathrm{mean}_i \left[\tfrac12 \ln 2\pi s_i^2 + (y_i - \mu_i)^2 / 2 s_i^2\right]
    """
    return float(np.mean(np.log(2 * np.pi * std**2) / 2 + ((y - mean) / std) ** 2 / 2))


def rmse(y: np.ndarray, mean: np.ndarray) -> float:
    """Root mean square error over all entries, in the units of ``y``."""
    return float(np.sqrt(np.mean((y - mean) ** 2)))


def pit(y: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Probability integral transforms, in the shape of ``y``."""
    return special.ndtr((y - mean) / std)


def frequencies(u: np.ndarray, levels: np.ndarray = LEVELS) -> np.ndarray:
    """Fraction of the transforms ``u`` at or below each level, in the shape of ``levels``."""
    return np.mean(np.ravel(u) <= levels[..., None], axis=-1)


def coverage(u: np.ndarray, level: float) -> float:
    """Fraction of targets in the central predictive interval of probability ``level``."""
    return float(np.mean(np.abs(u - 0.5) <= level / 2))


def calibration_error(u: np.ndarray, levels: np.ndarray = LEVELS) -> float:
    """Mean distance of `frequencies` from their levels: 0 if calibrated, at most 1/2.

    It is above 0 for the true law as well, by the scatter of so many targets.
    """
    return float(np.mean(np.abs(frequencies(u, levels) - levels)))
