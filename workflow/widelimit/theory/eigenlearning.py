r"""Generalisation of kernel regression from its spectrum (Simon et al. 2023; Canatar et al. 2021).

For eigenvalues :math:`\lambda_i`, ridge :math:`\delta` and :math:`n` samples let :math:`\kappa`
solve

.. math:: \sum_i \frac{\lambda_i}{\lambda_i + \kappa} + \frac{\delta}{\kappa} = n, \qquad
          L_i = \frac{\lambda_i}{\lambda_i + \kappa}, \qquad
          E_0 = \frac{n}{n - \sum_i L_i^2} .

For a target with coefficients :math:`v_i` and label noise of variance :math:`\sigma^2` the expected
error on noisy test labels is :math:`E_0 (\sum_i (1 - L_i)^2 v_i^2 + \sigma^2)`. It is exact for
Gaussian features in high dimension, and an approximation for kernels in fixed dimension.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from widelimit.errors import InputError

__all__ = ["Learning", "gaussian_noise_gain", "learn"]


class Learning(NamedTuple):
    """The theory's quantities for one sample size.

    Attributes:
        kappa: the implicit ridge.
        learnability: L_i, shape (m,), between 0 and 1; without ridge they sum to n.
        noise_gain: E_0, the test error for each unit of label noise, at least 1.
    """

    kappa: float
    learnability: np.ndarray
    noise_gain: float

    def test_error(self, coefficients2: np.ndarray, noise_variance: float) -> float:
        """Expected squared error on noisy test labels for squared target coefficients (m,)."""
        bias = np.sum((1 - self.learnability) ** 2 * coefficients2)
        return float(self.noise_gain * (bias + noise_variance))


def learn(eigenvalues: np.ndarray, n: int, ridge: float = 0.0) -> Learning:
    """Solve for the implicit ridge.

    Args:
        eigenvalues: non-negative, each as often as its multiplicity, shape (m,).
        n: number of training samples; without ridge it must be below the number of positive ones.
        ridge: δ, added to the diagonal of the kernel matrix of n samples.
    """
    values = np.asarray(eigenvalues, float)
    positive = values[values > 0]
    if ridge == 0 and n >= len(positive):
        raise InputError(
            f"n is {n}, but the kernel has only {len(positive)} positive eigenvalues: without a ridge "
            "it cannot interpolate that many samples."
        )

    def excess(log_kappa: float) -> float:
        kappa = np.exp(log_kappa)
        return float(np.sum(positive / (positive + kappa)) + ridge / kappa - n)

    low = np.log(positive.min()) - 50 if ridge == 0 else np.log(ridge / n) - 1e-9
    high = np.log((positive.sum() + ridge) / n) + 1e-9
    kappa = float(np.exp(brentq(excess, low, high, xtol=1e-14, rtol=1e-14)))
    learnability = values / (values + kappa)
    return Learning(kappa, learnability, n / (n - float(np.sum(learnability**2))))


def gaussian_noise_gain(
    rng: np.random.Generator, eigenvalues: np.ndarray, n: int, ridge: float = 0.0
) -> float:
    r"""The noise gain of regression, measured on one draw of Gaussian features.

    Features :math:`z \sim N(0, 1)^m` with kernel :math:`\sum_i \lambda_i z_i z_i'`; the average over
    test points is done exactly: :math:`1 + \|(K + \delta I)^{-1} Z \Lambda\|_F^2`.
    """
    values = eigenvalues[eigenvalues > 0]
    z = rng.standard_normal((n, len(values)))
    weights = np.linalg.solve((z * values) @ z.T + ridge * np.eye(n), z * values)
    return 1 + float(np.sum(weights**2))
