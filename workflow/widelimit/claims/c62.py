"""C62: the logical error rate of the [[5,1,3]] code's lookup decoder."""

from __future__ import annotations

import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.keys import numpy_generator
from widelimit.statistics import ConfidenceDistribution, binomial, exact
from widelimit.studies.decoder import five_qubit

__all__ = ["CLAIM"]


def measure(
    seed: int, *, noise: str, error_rates: tuple[float, ...], shots: int
) -> dict[str, ConfidenceDistribution]:
    """Enumerate all errors, and sample errors qubit by qubit."""
    table = five_qubit.lookup_table()
    errors = [
        abs(
            five_qubit.logical_error_rate(table, five_qubit.channel(*[p / 3] * 3))
            - five_qubit.lookup_polynomial(p)
        )
        for p in np.linspace(0, 1, 101)
    ]
    measured = {"enumeration": exact(float(np.max(errors)))}
    for p in error_rates:
        rng = numpy_generator(seed, "c62", noise, p)
        fails = sum(_failures(rng, noise, p, 500_000, table) for _ in range(shots // 500_000))
        rate = binomial(fails, shots)
        predicted = float(five_qubit.lookup_polynomial(p))
        measured[f"sampled {p:g}"] = ConfidenceDistribution(
            rate.estimate / predicted, rate.quantiles / predicted
        )
    return measured


def _failures(rng: np.random.Generator, noise: str, p: float, shots: int, table: np.ndarray) -> int:
    """Failures of the lookup decoder; Paulis are 0 … 3 for I, X, Y, Z.

    Noise on pairs hits two neighbouring qubits of the ring at once, with random Paulis and the same
    rate p of errors on each qubit.
    """
    paulis = rng.integers(1, 4, (shots, 5))
    if noise == "independent":
        hit = rng.random((shots, 5)) < p
        return five_qubit.count_failures(np.where(hit, paulis, 0), table)
    event = rng.random((shots, 5)) < (1 - np.sqrt(1 - p))
    hit = event | np.roll(event, 1, axis=1)
    return five_qubit.count_failures(np.where(hit, paulis, 0), table)


_RATES = (0.05, 0.1, 0.15)

CLAIM = Claim(
    id="C62",
    title="Lookup decoding of the [[5,1,3]] code",
    statement=(
        "Under independent depolarising noise p_L = 10p² - (200/9)p³ + (160/9)p⁴ - (128/27)p⁵ for the "
        "decoder that assumes the error of least weight."
    ),
    source="popular article (the code is named, no rate is given); Laflamme et al. 1996",
    statistics=(
        Statistic("enumeration", "largest difference to the enumerated rate", 0.0, -np.inf, 1e-13),
        *(
            Statistic(f"sampled {p:g}", f"sampled over exact rate, p = {p:g}", 1.0, 0.95, 1.05)
            for p in _RATES
        ),
    ),
    settings={"noise": "independent", "error_rates": _RATES, "shots": 4_000_000},
    control=Control(
        "noise",
        "pairs",
        "correlated errors on two qubits exceed what a code of distance 3 corrects",
    ),
    measure=measure,
    figure="decoder",
    notebook="decoder",
)
"""The claim."""
