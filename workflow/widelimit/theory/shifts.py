r"""What shifts of images do to kernels of convolutional networks.

Convolutions that see an image as periodic commute with its shifts s, so :math:`k(sx, sy) = k(x, y)`. That is no bias
towards images: kernels of fully connected networks know inputs by their products alone, and no rotation of both
changes these, a shift neither. With a mean over all positions behind the convolutions, each image may be shifted by
itself, :math:`k(sx, y) = k(x, y)`. Zeros around an image undo both.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from widelimit.kernels import compute
from widelimit.networks import Conv, Dense, Erf, Flatten, GlobalAvgPool, Layer, Relu, Serial

__all__ = ["ACTIVATIONS", "READOUTS", "change", "network"]

ACTIVATIONS = {"relu": Relu(), "erf": Erf()}
READOUTS = {"mean over positions": GlobalAvgPool(), "all positions": Flatten()}


def network(activation: str, padding: str, readout: str, convolutions: int) -> Serial:
    """Convolutions of 3 × 3 without biases, an activation behind each, and a dense layer.

    Args:
        activation: a key of `ACTIVATIONS`.
        padding: "CIRCULAR" or "SAME", zeros around the image.
        readout: a key of `READOUTS`.
        convolutions: how many.
    """
    block = Conv(1, (3, 3), padding=padding, w_std=2**0.5), ACTIVATIONS[activation]
    return Serial(*block * convolutions, READOUTS[readout], Dense(1))


def change(
    net: Layer, x: np.ndarray, y: np.ndarray, shifts: Iterable[tuple[int, int]], *, both: bool
) -> float:
    """Largest change of the NNGP and the NTK, over their largest entries, by shifts of x, and of y too if ``both``.

    Args:
        net: the network.
        x, y: images, shapes (n, height, width, channels) and (m, height, width, channels).
        shifts: rows and columns by which images are shifted.
        both: whether y is shifted with x.
    """
    still = np.array(compute(net, x, y))
    scale = np.max(np.abs(still), axis=(1, 2), keepdims=True)
    found = (
        np.array(compute(net, np.roll(x, s, (1, 2)), np.roll(y, s, (1, 2)) if both else y))
        for s in shifts
    )
    return max(float(np.max(np.abs(moved - still) / scale)) for moved in found)
