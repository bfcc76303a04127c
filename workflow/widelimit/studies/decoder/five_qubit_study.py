"""Learning to decode the [[5,1,3]] code from sampled errors."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
import xarray as xr

from widelimit.keys import jax_key, numpy_generator
from widelimit.statistics import student, wilson
from widelimit.store import array
from widelimit.studies.decoder import five_qubit
from widelimit.studies.decoder.learned import (
    decoder_network,
    kernel_scores,
    network_scores,
    signs,
    weighted_loss,
)

__all__ = ["five_qubit_study"]

_INPUTS = signs((np.arange(five_qubit.SYNDROMES)[:, None] >> np.arange(4)) & 1)


def five_qubit_study(
    seed: int,
    *,
    error_rate: float,
    samples: Sequence[int],
    draws: int,
    widths: Sequence[int],
    steps: int,
    shots: int,
) -> xr.Dataset:
    """Train decoders on sampled pairs of syndrome and class; score them exactly, by enumeration.

    Args:
        seed: the study's seed.
        error_rate: physical error rate p of the depolarising noise.
        samples: sizes of the training sets.
        draws: independent training sets for each size.
        widths: widths of the trained networks.
        steps: optimiser steps.
        shots: sampled shots that check the exact rate of the lookup decoder.
    """
    errors = five_qubit.channel(*[error_rate / 3] * 3)
    counts = np.stack(
        [_training_counts(seed, errors, n, draw) for n in samples for draw in range(draws)]
    )
    tables = {"NTK": _kernel_tables(counts)}
    for width in widths:
        tables[f"network, width {width}"] = _network_tables(seed, counts, width, steps)
    rates = np.array(
        [[five_qubit.logical_error_rate(t, errors) for t in rows] for rows in tables.values()]
    ).reshape(len(tables), len(samples), draws)
    learned = _learned_dataset(list(tables), samples, rates)
    exact = _exact_dataset(seed, error_rate, shots)
    return xr.merge([learned, exact]).assign_attrs(error_rate=error_rate, shots=shots)


def _training_counts(seed: int, errors: np.ndarray, n: int, draw: int) -> np.ndarray:
    """How often each pair of syndrome and class was drawn, (16, 4)."""
    rng = numpy_generator(seed, "five_qubit", n, draw)
    counts = np.zeros((five_qubit.SYNDROMES, five_qubit.CLASSES))
    np.add.at(counts, five_qubit.sample(rng, errors, n), 1)
    return counts


def _kernel_tables(counts: np.ndarray) -> np.ndarray:
    """Decoding tables of NTK regression, (sets, 16)."""
    tables = []
    for table in counts:
        syndrome, logical = np.nonzero(table)
        repeats = table[syndrome, logical].astype(int)
        x = np.repeat(_INPUTS[syndrome], repeats, axis=0)
        y = np.repeat(np.eye(five_qubit.CLASSES)[logical], repeats, axis=0)
        tables.append(kernel_scores(decoder_network(), x, y, _INPUTS, ridge=1e-3).argmax(1))
    return np.array(tables)


def _network_tables(seed: int, counts: np.ndarray, width: int, steps: int) -> np.ndarray:
    """Decoding tables of one trained network for each training set, (sets, 16)."""
    net = decoder_network(width=width, outputs=five_qubit.CLASSES)
    keys = jax.random.split(jax_key(seed, "five_qubit", width), len(counts))
    totals = counts.sum(2)
    weights = (totals / totals.sum(1, keepdims=True)).astype(np.float32)
    means = (counts / np.maximum(totals, 1)[:, :, None]).astype(np.float32)
    scores = network_scores(
        net, weighted_loss(net, _INPUTS), _INPUTS, keys, (weights, means),
        steps=steps, learning_rate=0.01, title=f"[[5,1,3]], width {width}",
    )  # fmt: skip
    return scores.argmax(2)


def _learned_dataset(names: list[str], samples: Sequence[int], rates: np.ndarray) -> xr.Dataset:
    intervals = np.array([[student(r).interval() for r in row] for row in rates])
    dims = ("decoder", "training", "draw")
    return xr.Dataset(
        {
            "rate": array(rates, dims, "exact logical error rate of a learned decoder"),
            "interval": array(
                intervals, (*dims[:2], "bound"), "95 % interval of its mean over training sets"
            ),
        },
        {
            "decoder": array(np.array(names), "decoder", "decoder"),
            "training": array(list(samples), "training", "training samples"),
            "draw": array(np.arange(rates.shape[2]), "draw", "number of the training set"),
            "bound": array(np.array(["low", "high"]), "bound", "end of the interval"),
        },
    )


def _exact_dataset(seed: int, error_rate: float, shots: int) -> xr.Dataset:
    """The lookup and the maximum-likelihood decoder: exact rates, and a sampled check."""
    grid = np.linspace(0.005, 0.9, 180)
    channels = [five_qubit.channel(*[p / 3] * 3) for p in grid]
    lookup = five_qubit.lookup_table()
    best = [five_qubit.most_likely_table(channel) for channel in channels]
    checks = error_rate * np.array([0.5, 1.0, 1.5])
    sampled = np.array([wilson(_failures(seed, lookup, p, shots), shots) for p in checks])
    return xr.Dataset(
        {
            "exact": array(
                [five_qubit.logical_error_rate(lookup, c) for c in channels],
                "p", "logical error rate of the lookup decoder",
            ),
            "most_likely": array(
                [five_qubit.logical_error_rate(t, c) for t, c in zip(best, channels, strict=True)],
                "p", "logical error rate of the maximum-likelihood decoder",
            ),
            "sampled": array(sampled[:, 0], "p_check", "sampled rate of the lookup decoder"),
            "sampled_interval": array(
                sampled[:, 1:], ("p_check", "bound"), "its 95 % Wilson interval"
            ),
        },
        {
            "p": array(grid, "p", "physical error rate"),
            "p_check": array(checks, "p_check", "physical error rate of the sampled check"),
        },
    )  # fmt: skip


def _failures(seed: int, table: np.ndarray, p: float, shots: int) -> int:
    rng = numpy_generator(seed, "five_qubit", "shots", f"{p:.6g}")
    syndromes, classes = five_qubit.sample(rng, five_qubit.channel(*[p / 3] * 3), shots)
    return int(np.sum(table[syndromes] != classes))
