r"""What interpolation does with noise: benign, tempered or catastrophic (Mallinar et al. 2022)."""

from __future__ import annotations

import numpy as np

from widelimit.regression import factorise

__all__ = ["gaussian_kernel", "noise_gain", "solve_kernel"]


def noise_gain(train: np.ndarray, cross: np.ndarray, ridge: float = 0.0) -> float:
    r"""Test error for each unit of label noise, averaged exactly over the noise.

    Labels that are pure noise of variance :math:`\sigma^2` give the predictor
    :math:`k(x, X)(K + \delta I)^{-1}\varepsilon`, so on noisy test labels

    .. math:: \mathrm{MSE}/\sigma^2 = 1 + \mathrm{mean}_x \|(K + \delta I)^{-1} k(X, x)\|^2 .

    Args:
        train: kernel on the training inputs, (n, n).
        cross: kernel between training and test inputs, (n, m).
        ridge: δ.
    """
    weights = solve_kernel(train, cross, ridge)
    return 1 + float(np.mean(np.sum(weights**2, axis=0)))


def solve_kernel(train: np.ndarray, right: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """``(K + ridge I)⁻¹ right`` by Cholesky factors; refuses a kernel that is singular to rounding."""
    return factorise(train, ridge, jitter=False).solve(right).weights


def gaussian_kernel(x1: np.ndarray, x2: np.ndarray, length: float) -> np.ndarray:
    r""":math:`\exp(-|x - x'|^2 / 2\ell^2)`, shape (n1, n2): the smooth kernel that theory contrasts."""
    squares = np.sum(x1**2, 1)[:, None] + np.sum(x2**2, 1)[None, :] - 2 * x1 @ x2.T
    return np.exp(-np.maximum(squares, 0) / (2 * length**2))
