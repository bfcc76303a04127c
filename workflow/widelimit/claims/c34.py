"""C34: a shift of both images leaves kernels of periodic convolutions as they are."""

from __future__ import annotations

import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.kernels import compute
from widelimit.keys import numpy_generator
from widelimit.networks import mlp
from widelimit.statistics import ConfidenceDistribution, exact
from widelimit.theory.shifts import READOUTS, change, network

__all__ = ["CLAIM"]


def measure(
    seed: int,
    *,
    padding: str,
    activations: tuple[str, ...],
    convolutions: int,
    shape: tuple[int, int, int],
    shifts: tuple[tuple[int, int], ...],
) -> dict[str, ConfidenceDistribution]:
    """Shift random images together; turn the inputs of fully connected networks together."""
    rng = numpy_generator(seed, "c34")
    x, y = rng.standard_normal((2, 3, *shape))
    nets = [network(a, padding, r, convolutions) for a in activations for r in READOUTS]
    turn = np.linalg.qr(rng.standard_normal((x[0].size,) * 2))[0]
    flat = [z.reshape(len(z), -1) for z in (x, y)]
    dense = [mlp(a, 3, w_std=2**0.5, b_std=0.5) for a in activations]
    turned = [
        np.array(compute(net, *(z @ turn for z in flat))) / np.array(compute(net, *flat))
        for net in dense
    ]
    return {
        "shift": exact(max(change(net, x, y, shifts, both=True) for net in nets)),
        "rotation": exact(float(np.max(np.abs(np.array(turned) - 1)))),
    }


CLAIM = Claim(
    id="C34",
    title="Shifts of both images",
    statement=(
        "k(sx, sy) = k(x, y) for all shifts s, with and without a mean over positions, if convolutions see images as "
        "periodic. Kernels of fully connected networks have that too, for all rotations in the place of s: it is no "
        "bias towards images."
    ),
    source="popular article (translation invariance as the bias of convolutions); Novak et al. 2019",
    erratum=(
        "The article names this the bias of convolutional networks. Fully connected ones share it, and zeros around "
        "images, which common networks have, undo it."
    ),
    statistics=(
        Statistic(
            "shift", "largest change of a kernel, over its largest entry, by shifts of both images", 0.0, -np.inf, 1e-12
        ),
        Statistic(
            "rotation", "the same by a rotation of both inputs of a fully connected network", 0.0, -np.inf, 1e-12
        ),
    ),
    settings={
        "padding": "CIRCULAR",
        "activations": ("relu", "erf"),
        "convolutions": 3,
        "shape": (6, 5, 2),
        "shifts": ((1, 0), (2, 3)),
    },
    control=Control("padding", "SAME", "zeros around an image tell its middle from its edges"),
    measure=measure,
)  # fmt: skip
"""The claim."""
