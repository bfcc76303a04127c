"""What solvers return."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Solution"]


class Solution(NamedTuple):
    r"""Weights :math:`\alpha` with :math:`(K + \lambda I)\alpha = y`, and how well they do that.

    Attributes:
        weights: shape (n, outputs); predictions are :math:`K(x, X)\alpha`.
        residual: the largest over outputs of :math:`|y - (K + \lambda I)\alpha| / |y|`, computed anew from K.
        ridge: :math:`\lambda`, with what was added to it because K was singular to rounding.
        iterations: number of products with K but for the last, which gives the residual; 0 where it was factorised.
    """

    weights: np.ndarray
    residual: float
    ridge: float
    iterations: int = 0
