"""Learning to decode a rotated surface code, compared with matching on the same shots."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
import stim
import xarray as xr

from widelimit.keys import jax_key, numpy_generator
from widelimit.statistics import student, wilson
from widelimit.store import array, stack
from widelimit.studies.decoder import surface_code
from widelimit.studies.decoder.learned import (
    decoder_network,
    kernel_scores,
    minibatch_loss,
    network_scores,
    signs,
)
from widelimit.studies.decoder.surface_code import Shots

__all__ = ["surface_code_study"]

_MATCHING = 1
"""Where matching stands among the decoders."""


def surface_code_study(
    seed: int,
    *,
    distance: int,
    error_rates: Sequence[float],
    train: int,
    test: int,
    width: int,
    steps: int,
) -> xr.Dataset:
    """Decode by no correction, matching, the NTK and a trained network.

    Args:
        seed: the study's seed.
        distance: the code's distance.
        error_rates: physical error rates.
        train, test: numbers of shots.
        width: width of the trained network.
        steps: optimiser steps.
    """
    names = ["no correction", "matching", "NTK", f"network, width {width}"]
    parts = {}
    for p in error_rates:
        circuit = surface_code.memory_circuit(distance, p)
        rng = numpy_generator(seed, "surface", distance, p)
        training, testing = (
            surface_code.sample(circuit, n, int(rng.integers(2**31))) for n in (train, test)
        )
        predictions = _predict(seed, circuit, training, testing, p, width, steps)
        wrong = np.stack([prediction != testing.flips for prediction in predictions])
        subsets = {
            "all shots": np.ones(test, bool),
            "syndromes not seen in training": _unseen(training.events, testing.events),
        }
        parts[p] = _score(wrong, subsets)
    named = {"decoder": array(np.array(names), "decoder", "decoder")}
    together = stack("p", parts, "physical error rate").assign_coords(named)
    return together.assign_attrs(distance=distance, rounds=distance, training_shots=train)


def _predict(
    seed: int,
    circuit: stim.Circuit,
    training: Shots,
    testing: Shots,
    p: float,
    width: int,
    steps: int,
) -> list[np.ndarray]:
    """Predicted flips (m,) in the order of the study's decoders."""
    x, y = signs(training.events), signs(training.flips)[:, None]
    asked = signs(testing.events)
    kernel = kernel_scores(decoder_network(), x, y, asked, ridge=0.1)
    net = decoder_network(width=width)
    keys = jax.random.split(jax_key(seed, "surface", x.shape[1], p), 1)
    data = x[None].astype(np.float32), y[None].astype(np.float32)
    scores = network_scores(
        net, minibatch_loss(net, 256), asked, keys, data, steps=steps, learning_rate=0.003,
        title=f"surface code, {x.shape[1]} detectors, p = {p:g}",
    )  # fmt: skip
    return [
        np.zeros(len(asked), bool),
        surface_code.matching_decoder(circuit, testing.events),
        kernel[:, 0] < 0,
        scores[0, :, 0] < 0,
    ]


def _unseen(training: np.ndarray, testing: np.ndarray) -> np.ndarray:
    """Which test syndromes are not among the training syndromes, (m,)."""
    seen = {row.tobytes() for row in np.packbits(training, axis=1)}
    return np.array([row.tobytes() not in seen for row in np.packbits(testing, axis=1)])


def _score(wrong: np.ndarray, subsets: dict[str, np.ndarray]) -> xr.Dataset:
    """Error rates and their excess over matching, from wrong shots (decoder, shot)."""
    rates, excesses, counts = [], [], []
    for chosen in subsets.values():
        fails = wrong[:, chosen]
        counts.append(fails.shape[1])
        rates.append([wilson(int(row.sum()), len(row)) for row in fails])
        excesses.append([_paired(row, fails[_MATCHING]) for row in fails])
    rate, excess = np.array(rates), np.array(excesses)
    dims = ("subset", "decoder")
    return xr.Dataset(
        {
            "rate": array(rate[..., 0], dims, "logical error rate"),
            "interval": array(rate[..., 1:], (*dims, "bound"), "95 % Wilson interval of the rate"),
            "excess": array(excess[..., 0], dims, "rate minus that of matching on the same shots"),
            "excess_interval": array(
                excess[..., 1:], (*dims, "bound"), "95 % interval of the paired difference"
            ),
            "shots": array(counts, "subset", "test shots"),
        },
        {
            "subset": array(np.array(list(subsets)), "subset", "which test shots"),
            "bound": array(np.array(["low", "high"]), "bound", "end of the interval"),
        },
    )


def _paired(fails: np.ndarray, reference: np.ndarray) -> tuple[float, float, float]:
    """Mean of the paired difference with its 95 % interval."""
    if len(fails) < 2:
        return (float("nan"),) * 3
    difference = student(fails.astype(float) - reference)
    return difference.estimate, *difference.interval()
