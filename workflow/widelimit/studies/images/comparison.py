r"""Kernels and networks on the same training sets: differences of their accuracies, with intervals.

Training sets and test images are drawn with replacement, each set with all of what was found of it and each image with
all who looked at it (Owen 2007), so that what learners have in common cancels in a difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from widelimit.keys import numpy_generator
from widelimit.store import array

__all__ = ["KERNEL", "READOUTS", "compare"]

READOUTS = ("pooled", "flat")
"""A mean over all positions in front of the last layer, or all positions."""

KERNEL = np.inf
"""The width at which a network is its kernel."""


def compare(
    found: Mapping[tuple[str, float], xr.Dataset], *, seed: int, resamples: int
) -> xr.Dataset:
    """Accuracies of all learners; what pooling gains, and by how much kernels lead, each with its 95 % interval.

    Args:
        found: what each learner found (`learners`), by readout and width; all have the same training sets.
        seed: the study's seed.
        resamples: number of resamples.
    """
    widths = sorted({width for _, width in found})
    right = np.array([[found[how, width].right.values for width in widths] for how in READOUTS])
    accuracy = right.mean((2, 3))
    drawn = _resampled(right, numpy_generator(seed, "image networks", "resamples"), resamples)
    lead, drawn_lead = (x[..., -1:] - x[..., :-1] for x in (accuracy, drawn))
    return xr.Dataset(
        {
            "accuracy": array(accuracy, ("readout", "width"), "share of test images whose class is found"),
            "accuracy_interval": _interval(drawn, ("readout", "width")),
            "gain": array(accuracy[0] - accuracy[1], "width", "accuracy with pooling less that without"),
            "gain_interval": _interval(drawn[:, 0] - drawn[:, 1], ("width",)),
            "lead": array(lead, ("readout", "finite_width"), "accuracy of the kernel less that of the network"),
            "lead_interval": _interval(drawn_lead, ("readout", "finite_width")),
            "mean_square": array(
                [[found[how, width].mean_square.values for width in widths[:-1]] for how in READOUTS],
                ("readout", "finite_width", "draw"), "mean square over the training set at the end",
            ),
        },
        {
            "readout": array(list(READOUTS), "readout", "what the last layer sees"),
            "width": array(widths, "width", "channels; infinitely many are the kernel"),
            "finite_width": array(widths[:-1], "finite_width", "channels"),
            "draw": array(np.arange(right.shape[2]), "draw", "number of the training set"),
            "bound": array(["low", "high"], "bound", "end of the interval"),
        },
        {"draws": right.shape[2], "tests": right.shape[3], "resamples": resamples},
    )  # fmt: skip


def _resampled(right: np.ndarray, rng: np.random.Generator, count: int) -> np.ndarray:
    """Accuracies with other training sets and test images, shape (resamples, readouts, widths)."""
    draws, tests = right.shape[2:]
    of_sets = rng.multinomial(draws, np.full(draws, 1 / draws), count) / draws
    of_images = rng.multinomial(tests, np.full(tests, 1 / tests), count) / tests
    seen = right.astype(float) @ of_images.T
    return np.einsum("rwds,sd->srw", seen, of_sets)


def _interval(drawn: np.ndarray, dims: Sequence[str]) -> xr.Variable:
    ends = np.moveaxis(np.quantile(drawn, [0.025, 0.975], axis=0), 0, -1)
    return array(ends, (*dims, "bound"), "95 % interval over training sets and test images")
