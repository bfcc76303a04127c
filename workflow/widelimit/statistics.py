r"""Uncertainty of one number, in one form for every kind of experiment.

A *confidence distribution* of an unknown quantity is the function whose quantiles are the ends of its
confidence intervals at all levels (Xie and Singh 2013): the central interval at level
:math:`1-\alpha` runs from quantile :math:`\alpha/2` to :math:`1-\alpha/2`. Student's t, the binomial
law, the bootstrap and a bound on a numerical error all fit, so that whatever decides on a quantity
need not know how it was measured.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from scipy import special

__all__ = [
    "PROBABILITIES",
    "ConfidenceDistribution",
    "binomial",
    "bootstrap",
    "exact",
    "ks_distance",
    "student",
    "wilson",
]

PROBABILITIES: np.ndarray = special.ndtr(np.linspace(-5, 5, 401))
"""Where confidence distributions are tabulated: 401 points from 3e-7 to 1 - 3e-7."""


@dataclasses.dataclass(frozen=True)
class ConfidenceDistribution:
    """The uncertainty of one number.

    Attributes:
        estimate: the point estimate.
        quantiles: the confidence distribution's quantiles at `PROBABILITIES`, ascending.
    """

    estimate: float
    quantiles: np.ndarray

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The central confidence interval at ``level``."""
        tails = ((1 - level) / 2, (1 + level) / 2)
        low, high = np.interp(tails, PROBABILITIES, self.quantiles)
        return float(low), float(high)

    def mass_below(self, bound: float) -> float:
        """The confidence that the quantity is below ``bound``, to the resolution of the table."""
        return self._mass(bound, int(np.searchsorted(self.quantiles, bound, side="left")))

    def mass_above(self, bound: float) -> float:
        """The confidence that the quantity is above ``bound``, to the resolution of the table."""
        return 1 - self._mass(bound, int(np.searchsorted(self.quantiles, bound, side="right")))

    def _mass(self, bound: float, i: int) -> float:
        if i in (0, len(self.quantiles)):
            return float(i > 0)
        return float(np.interp(bound, self.quantiles[i - 1 : i + 1], PROBABILITIES[i - 1 : i + 1]))


def exact(value: float, error: float = 0.0) -> ConfidenceDistribution:
    """A number known up to a bound on its numerical error, e.g. a closed form or a count.

    A bound has no distribution: the interval at every level is the whole of it.
    """
    side = np.where(PROBABILITIES < 0.5, -1, 1)
    return ConfidenceDistribution(value, value + error * side)


def student(values: np.ndarray, overlap: float = 0.0) -> ConfidenceDistribution:
    """The mean of values of near-normal law, shape (n,): Student's t.

    Args:
        values: independent values, or one for each random split of the same samples.
        overlap: for random splits, test samples over training samples: their training sets overlap, and
            the variance of the mean is larger by so much of the variance (Nadeau and Bengio 2003).
    """
    n = len(values)
    error = np.std(values, ddof=1) * np.sqrt(1 / n + overlap)
    mean = float(np.mean(values))
    return ConfidenceDistribution(mean, mean + error * special.stdtrit(n - 1, PROBABILITIES))


def binomial(successes: int, trials: int) -> ConfidenceDistribution:
    """A probability from independent trials: Clopper and Pearson's interval at every level.

    It is conservative: the lower half of the table comes from the lower limits, the upper half from
    the upper ones.
    """
    low = special.betaincinv(successes, trials - successes + 1, PROBABILITIES) if successes else 0.0
    high = (
        special.betaincinv(successes + 1, trials - successes, PROBABILITIES)
        if successes < trials
        else 1.0
    )
    estimate = successes / trials
    table = np.where(PROBABILITIES < 0.5, np.minimum(low, estimate), np.maximum(high, estimate))
    return ConfidenceDistribution(estimate, table)


def wilson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float, float]:
    """A proportion and the ends of its Wilson score interval (Wilson 1927); NaN without trials."""
    if trials == 0:
        return (float("nan"),) * 3
    from scipy.stats import binomtest  # slow to import, and most jobs do without

    result = binomtest(successes, trials)
    low, high = result.proportion_ci(level, method="wilson")
    return successes / trials, float(low), float(high)


def ks_distance(
    values: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray]
) -> ConfidenceDistribution:
    r"""The largest gap between the law of ``values`` (n independent draws) and ``cdf``.

    By the Dvoretzky-Kiefer-Wolfowitz inequality with Massart's constant the empirical distance is
    off by at most :math:`\sqrt{\ln(2/\alpha)/2n}` with confidence :math:`1 - \alpha`, at every n.
    """
    from scipy.stats import kstest

    distance = float(kstest(values, cdf).statistic)
    tail = np.minimum(PROBABILITIES, 1 - PROBABILITIES)
    radius = np.sqrt(np.log(1 / tail) / (2 * len(values)))
    side = np.sign(PROBABILITIES - 0.5)
    return ConfidenceDistribution(distance, np.maximum.accumulate(distance + side * radius))


def bootstrap(
    statistic: Callable[..., np.ndarray],
    samples: Sequence[np.ndarray],
    rng: np.random.Generator,
    replicates: int = 9999,
) -> ConfidenceDistribution:
    """Percentile bootstrap of a statistic of independent samples (Efron 1979).

    Args:
        statistic: maps arrays of shape (..., n_i), one for each sample, to an array of shape (...).
        samples: arrays of shape (n_i,); each is resampled on its own.
        rng: the source of the resampling.
        replicates: number of resamples; the table's tails beyond 1/replicates repeat the extremes.
    """
    samples = [np.asarray(s) for s in samples]
    estimate = float(statistic(*samples))
    block = max(1, 2**22 // sum(s.size for s in samples))
    parts = []
    for start in range(0, replicates, block):
        count = min(block, replicates - start)
        drawn = [s[rng.integers(0, len(s), (count, len(s)))] for s in samples]
        parts.append(np.asarray(statistic(*drawn)))
    return ConfidenceDistribution(estimate, np.quantile(np.concatenate(parts), PROBABILITIES))
