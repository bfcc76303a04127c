"""Medians over independent draws with their intervals, as the labelled arrays that figures read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from widelimit.statistics import bootstrap
from widelimit.store import array

__all__ = ["medians"]


def medians(
    values: np.ndarray, dims: Sequence[str], rng: np.random.Generator
) -> dict[str, xr.Variable]:
    """Medians of heavy-tailed draws, whose means say little.

    Args:
        values: draws along the last axis, shape (a, b, draws).
        dims: names of the first two axes.
        rng: the source of the bootstrap over draws.

    Returns:
        ``median`` (a, b) and ``median_interval`` (a, b, bound), the bootstrap's 95 % interval.
    """

    def middle(draws: np.ndarray) -> np.ndarray:
        return np.median(draws, axis=-1)

    summaries = [[bootstrap(middle, [draws], rng, 2000) for draws in row] for row in values]
    estimates = [[s.estimate for s in row] for row in summaries]
    intervals = [[s.interval() for s in row] for row in summaries]
    return {
        "median": array(estimates, dims, "median over draws"),
        "median_interval": array(intervals, (*dims, "bound"), "95 % interval of the median"),
    }
