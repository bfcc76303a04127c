r"""How a verdict is earned.

A row of the ledger is a claim or a control. For each of its statistics with equivalence interval
:math:`[l, h]` and confidence distribution :math:`C`, the smallest :math:`\alpha` at which the central
interval lies inside is :math:`2 \max(C(l), 1 - C(h))`, and outside is
:math:`2 \min(1 - C(l), C(h))`. A row is supported if all its statistics are inside (intersection-union:
the largest p-value counts), refuted if any is outside (Bonferroni over its statistics), else
inconclusive. Each of m rows stands for two one-sided hypotheses, of which at most one is false, and
Holm's step-down rule (1979) judges all 2m: the k-th smallest p-value, doubled as above, is compared with
:math:`2\alpha/(2m - k + 1)`. However rows depend on each other, the probability of any wrong verdict in the
ledger is at most :math:`\alpha`, to the accuracy of the intervals. Failing to reject is never support: a
wide interval ends as inconclusive, and so does a measurement that is not a number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from widelimit.claims.claim import Statistic
from widelimit.statistics import ConfidenceDistribution

__all__ = ["LEVEL", "Tendency", "Verdict", "holm", "tendency"]

LEVEL = 0.95
"""Confidence of the whole ledger."""


@dataclasses.dataclass(frozen=True)
class Tendency:
    """Which way a row leans, and the smallest α at which it is decided."""

    direction: str
    p_value: float


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A row's verdict, and the confidence level that Holm's rule demanded of its intervals."""

    verdict: str
    level: float


def tendency(
    statistics: Sequence[Statistic], measured: Mapping[str, ConfidenceDistribution]
) -> Tendency:
    """The p-value of a row and its direction, "supported" or "refuted"."""
    if not all(np.isfinite(measured[s.name].quantiles).all() for s in statistics):
        return Tendency("supported", 1.0)
    inside, outside = [], []
    for statistic in statistics:
        distribution = measured[statistic.name]
        below = distribution.mass_below(statistic.low)
        above = distribution.mass_above(statistic.high)
        inside.append(min(1.0, 2 * max(below, above)))
        outside.append(min(1.0, 2 * min(1 - below, 1 - above)))
    supported = max(inside)
    refuted = min(1.0, len(outside) * min(outside))
    if supported <= refuted:
        return Tendency("supported", supported)
    return Tendency("refuted", refuted)


def holm(rows: Sequence[Tendency], level: float = LEVEL) -> list[Verdict]:
    """Verdicts of all rows of a ledger together, in the order given."""
    alpha = 1 - level
    order = sorted(range(len(rows)), key=lambda i: rows[i].p_value)
    verdicts: list[Verdict | None] = [None] * len(rows)
    decided = True
    for rank, i in enumerate(order):
        threshold = 2 * alpha / (2 * len(rows) - rank)
        decided = decided and rows[i].p_value <= threshold
        verdicts[i] = Verdict(rows[i].direction if decided else "inconclusive", 1 - threshold)
    return [verdict for verdict in verdicts if verdict is not None]
