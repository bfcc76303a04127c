"""Rotated surface codes under circuit noise: stim's circuits, detection events, and matching."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pymatching
import stim

__all__ = ["Shots", "matching_decoder", "memory_circuit", "sample"]


class Shots(NamedTuple):
    """Shots of a memory experiment: detection events (n, detectors) and logical flips (n,), boolean."""

    events: np.ndarray
    flips: np.ndarray


def memory_circuit(distance: int, error_rate: float) -> stim.Circuit:
    """A memory experiment in the Z basis with as many rounds as the distance.

    Depolarising noise of ``error_rate`` follows each gate and precedes each round on the data
    qubits; measurements and resets flip with the same rate.
    """
    return stim.Circuit.generated(
        "surface_code:rotated_memory_z",
        distance=distance,
        rounds=distance,
        after_clifford_depolarization=error_rate,
        before_round_data_depolarization=error_rate,
        before_measure_flip_probability=error_rate,
        after_reset_flip_probability=error_rate,
    )


def sample(circuit: stim.Circuit, shots: int, seed: int) -> Shots:
    """Draw shots; the same seed gives the same shots with the same version of stim."""
    sampler = circuit.compile_detector_sampler(seed=seed)
    events, flips = sampler.sample(shots, separate_observables=True)
    return Shots(events, flips[:, 0])


def matching_decoder(circuit: stim.Circuit, events: np.ndarray) -> np.ndarray:
    """Logical flips predicted by minimum-weight perfect matching, which knows the noise, (n,)."""
    model = circuit.detector_error_model(decompose_errors=True)
    matching = pymatching.Matching.from_detector_error_model(model)
    return matching.decode_batch(events)[:, 0].astype(bool)
