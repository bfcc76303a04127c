"""C35: with a mean over positions a shift of one image leaves kernels of periodic convolutions as they are."""

from __future__ import annotations

import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.keys import numpy_generator
from widelimit.statistics import ConfidenceDistribution, exact
from widelimit.theory.shifts import change, network

__all__ = ["CLAIM"]


def measure(
    seed: int,
    *,
    readout: str,
    activations: tuple[str, ...],
    convolutions: int,
    shape: tuple[int, int, int],
    shifts: tuple[tuple[int, int], ...],
) -> dict[str, ConfidenceDistribution]:
    """Shift random images on one side."""
    x, y = numpy_generator(seed, "c35").standard_normal((2, 3, *shape))
    nets = [network(a, "CIRCULAR", readout, convolutions) for a in activations]
    return {"shift": exact(max(change(net, x, y, shifts, both=False) for net in nets))}


CLAIM = Claim(
    id="C35",
    title="Shifts of one image",
    statement=(
        "k(sx, y) = k(x, y) for all shifts s if convolutions see images as periodic and a mean over all positions is "
        "behind them: what is learned of an image holds wherever it stands. One of the two alone is not enough."
    ),
    source="popular article (translation invariance as the bias of convolutions); Arora et al. 2019; Li et al. 2019",
    statistics=(
        Statistic(
            "shift", "largest change of a kernel, over its largest entry, by shifts of one image", 0.0, -np.inf, 1e-12
        ),
    ),
    settings={
        "readout": "mean over positions",
        "activations": ("relu", "erf"),
        "convolutions": 3,
        "shape": (6, 5, 2),
        "shifts": ((1, 0), (2, 3)),
    },
    control=Control(
        "readout", "all positions", "positions are compared with the same ones, and they have moved"
    ),
    measure=measure,
)  # fmt: skip
"""The claim."""
