r"""Convolutional networks whose kernels the literature measures, from a few plain numbers."""

from __future__ import annotations

from math import sqrt

from widelimit.networks.activations import Relu
from widelimit.networks.convolution import Conv
from widelimit.networks.dense import Dense
from widelimit.networks.flatten import Flatten
from widelimit.networks.frozen import Frozen
from widelimit.networks.layer import Layer
from widelimit.networks.pooling import AvgPool, GlobalAvgPool
from widelimit.networks.serial import Serial

__all__ = ["MYRTLE", "cntk", "myrtle"]

MYRTLE = {5: (2, 1, 1), 7: (2, 2, 2), 10: (3, 3, 3)}
"""Convolutions in each block of the networks of Shankar et al. 2020, by the number of their layers."""


def cntk(
    depth: int, *, pooling: bool = True, fixed: bool = True, width: int = 128, outputs: int = 10
) -> Serial:
    r"""The network whose kernel is the CNTK of Arora et al. 2019.

    :math:`d - 1` convolutions of 3 × 3 with zeros around, each with ReLU behind, and a dense layer; no biases. Up to a
    factor the kernel is theirs: their windows are sums and not means, and their last layer has no factor
    :math:`\sigma_w^2 = 2`.

    Args:
        depth: d, the number of layers with weights, at least 2.
        pooling: a global average in front of the dense layer (their CNTK-GAP), or all positions (CNTK-V).
        fixed: the first and the last layer are not trained, which is what their code does.
        width: channels; infinite-width kernels do not depend on them.
        outputs: units of the last layer.
    """
    if depth < 2:
        raise ValueError(f"depth is {depth}, expected at least 2: a convolution and a dense layer.")
    block = (_conv(width), Relu())
    ends: list[Layer] = [_conv(width), Dense(outputs, sqrt(2))]
    first, last = (Frozen(end) for end in ends) if fixed else ends
    readout = GlobalAvgPool() if pooling else Flatten()
    return Serial(first, Relu(), *block * (depth - 2), readout, last)


def myrtle(layers: int, *, width: int = 128, outputs: int = 10) -> Serial:
    """A network of Shankar et al. 2020: blocks of convolutions of 3 × 3 with ReLU, averages over 2 × 2 between them.

    Behind the last block theirs has three such averages, which for images of 32 × 32 are one over all positions, as it
    stands here.

    Args:
        layers: 5, 7 or 10, the number of layers with weights.
        width, outputs: as in `cntk`.
    """
    if layers not in MYRTLE:
        raise ValueError(f"layers is {layers}, expected one of {list(MYRTLE)}.")
    blocks = [(_conv(width), Relu()) * count for count in MYRTLE[layers]]
    between = [part for block in blocks[:-1] for part in (*block, AvgPool((2, 2), (2, 2)))]
    return Serial(*between, *blocks[-1], GlobalAvgPool(), Dense(outputs, sqrt(2)))


def _conv(width: int) -> Conv:
    return Conv(width, (3, 3), w_std=sqrt(2))
