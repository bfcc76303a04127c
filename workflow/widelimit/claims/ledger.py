"""From measurements to the ledger: one labelled file for each claim, then verdicts over all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from widelimit.claims.claim import Claim, Statistic
from widelimit.claims.decide import LEVEL, Verdict, holm, tendency
from widelimit.statistics import PROBABILITIES, ConfidenceDistribution
from widelimit.store import array

__all__ = ["compile_ledger", "measure_claim", "read_statistics"]

_ROWS = ("claim", "control")


def measure_claim(claim: Claim, seed: int) -> xr.Dataset:
    """Measure a claim and its control: the same code, sizes and seed, one setting changed.

    Returns:
        Confidence quantiles (row, statistic, probability), estimates (row, statistic) and the
        decision rule (statistic).
    """
    estimates, quantiles, seconds = [], [], []
    for settings in claim.rows().values():
        clock = time.perf_counter()
        measured = claim.measure(seed, **settings)
        seconds.append(time.perf_counter() - clock)
        estimates.append([measured[s.name].estimate for s in claim.statistics])
        quantiles.append([measured[s.name].quantiles for s in claim.statistics])
    names = [s.name for s in claim.statistics]
    return xr.Dataset(
        {
            "estimate": array(estimates, ("row", "statistic"), "point estimate"),
            "quantile": array(
                quantiles, ("row", "statistic", "probability"), "quantile of the confidence distribution"
            ),
            "expected": array([s.expected for s in claim.statistics], "statistic", "value in theory"),
            "low": array([s.low for s in claim.statistics], "statistic", "equivalence interval from"),
            "high": array([s.high for s in claim.statistics], "statistic", "equivalence interval to"),
            "meaning": array([s.meaning for s in claim.statistics], "statistic", "what it is"),
            "seconds": array(seconds, "row", "wall time of the measurement", "s"),
        },
        {
            "row": array(list(_ROWS), "row", "the claim, or its negative control"),
            "statistic": array(names, "statistic", "name of the statistic"),
            "probability": array(PROBABILITIES, "probability", "probability"),
        },
        {
            "id": claim.id,
            "title": claim.title,
            "statement": claim.statement,
            "source": claim.source,
            "erratum": claim.erratum,
            "adjusted": claim.adjusted,
            "settings": ", ".join(f"{k} = {_plain(v)}" for k, v in claim.settings.items()),
            "control_setting": f"{claim.control.setting} = {_plain(claim.control.value)}",
            "because": claim.control.because,
            "seed": seed,
            "figure": claim.figure,
            "notebook": claim.notebook,
        },
    )  # fmt: skip


def read_statistics(
    measurement: xr.Dataset, row: str
) -> tuple[list[Statistic], dict[str, ConfidenceDistribution]]:
    """A row's decision rule and measurement, from the claim's file."""
    statistics, measured = [], {}
    for name in measurement.statistic.values:
        part = measurement.sel(statistic=name)
        statistics.append(
            Statistic(
                str(name), str(part.meaning.item()), float(part.expected), float(part.low),
                float(part.high),
            )
        )  # fmt: skip
        part = part.sel(row=row)
        measured[str(name)] = ConfidenceDistribution(float(part.estimate), part["quantile"].values)
    return statistics, measured


def compile_ledger(
    measurements: Sequence[xr.Dataset], level: float = LEVEL
) -> list[dict[str, Any]]:
    """Judge all claims and controls together.

    Returns:
        One entry for each claim with its texts, the verdicts of claim and control, and for both
        rows each statistic's estimate, interval at the level that Holm's rule demanded, equivalence
        interval, and power: the interval's half-width over the margin, which should be below 1/2.
    """
    keys = [(m, row) for m in measurements for row in _ROWS]
    rules = [read_statistics(m, row) for m, row in keys]
    tendencies = [tendency(*rule) for rule in rules]
    verdicts = holm(tendencies, level)
    entries = []
    for i, measurement in enumerate(measurements):
        entry: dict[str, Any] = {
            str(k): v if isinstance(v, str) else int(v)
            for k, v in measurement.attrs.items()
            if k != "Conventions"
        }
        for j, row in enumerate(_ROWS, start=2 * i):
            entry[row] = {
                "verdict": verdicts[j].verdict,
                "p_value": tendencies[j].p_value,
                "level": verdicts[j].level,
                "seconds": float(measurement.seconds.sel(row=row)),
                "statistics": [_describe(s, rules[j][1][s.name], verdicts[j]) for s in rules[j][0]],
            }
        entries.append(entry | {"as_expected": _as_expected(entry)})
    return entries


def _describe(
    statistic: Statistic, measured: ConfidenceDistribution, verdict: Verdict
) -> dict[str, Any]:
    low, high = measured.interval(verdict.level)
    return {
        "name": statistic.name,
        "meaning": statistic.meaning,
        "expected": statistic.expected,
        "estimate": _finite(measured.estimate),
        "interval": [_finite(low), _finite(high)],
        "equivalence": [_finite(statistic.low), _finite(statistic.high)],
        "power": _finite((high - low) / 2 / statistic.margin) if statistic.margin > 0 else 0.0,
    }


def _finite(value: float) -> float | None:
    """The number, or None where JSON has no word for it."""
    return value if np.isfinite(value) else None


def _as_expected(entry: dict[str, Any]) -> bool:
    """Whether the claim is supported and its control refuted."""
    return entry["claim"]["verdict"] == "supported" and entry["control"]["verdict"] == "refuted"


def _plain(value: Any) -> str:
    if isinstance(value, (tuple, list, np.ndarray)):
        return "[" + ", ".join(_plain(v) for v in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
