r"""Test error through the interpolation threshold p = n (Belkin et al. 2019; Hastie et al. 2022)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["FeatureRisk", "isotropic_excess", "isotropic_prediction", "random_feature_risk"]


class FeatureRisk(NamedTuple):
    """Test errors of one draw: least norm, and with the ridge of a grid that is best on the test set."""

    least_norm: float
    best_ridge: float


def random_feature_risk(
    rng: np.random.Generator, *, n: int, p: int, dimension: int, noise: float, n_test: int = 500
) -> FeatureRisk:
    r"""Regression on p random ReLU features, n samples of a linear teacher with label noise.

    Inputs are :math:`N(0, I_d)`, features :math:`\mathrm{relu}(Wx/\sqrt d)/\sqrt p`, the teacher is
    :math:`w^\top x` with :math:`|w| = 1`, and test labels have no noise.

    Args:
        rng: draws everything.
        n, p: samples and features.
        dimension: d.
        noise: standard deviation of the label noise.
        n_test: test samples.
    """
    x = rng.standard_normal((n + n_test, dimension))
    teacher = rng.standard_normal(dimension)
    clean = x @ (teacher / np.linalg.norm(teacher))
    weights = rng.standard_normal((dimension, p)) / np.sqrt(dimension)
    features = np.maximum(x @ weights, 0) / np.sqrt(p)
    labels = clean[:n] + noise * rng.standard_normal(n)
    u, s, vt = np.linalg.svd(features[:n], full_matrices=False)
    projected, test = u.T @ labels, features[n:] @ vt.T
    ridges = np.concatenate([[0.0], np.logspace(-6, 3, 46) * s[0] ** 2 / n])
    gains = s[:, None] / (s[:, None] ** 2 + ridges[None, :])
    errors = np.mean((test @ (gains * projected[:, None]) - clean[n:, None]) ** 2, axis=0)
    return FeatureRisk(float(errors[0]), float(errors.min()))


def isotropic_prediction(n: int, p: int, noise: float) -> float:
    r"""Expected excess risk of least-norm regression on :math:`N(0, I_p)` inputs, :math:`|\beta|=1`.

    .. math:: \frac{\sigma^2 p}{n - p - 1} \; (p < n - 1), \qquad
              1 - \frac np + \frac{\sigma^2 n}{p - n - 1} \; (p > n + 1);

    infinite for :math:`|p - n| \le 1` (Hastie et al. 2022; exact at finite n and p).
    """
    if p < n - 1:
        return noise**2 * p / (n - p - 1)
    if p > n + 1:
        return 1 - n / p + noise**2 * n / (p - n - 1)
    return float("inf")


def isotropic_excess(rng: np.random.Generator, n: int, p: int, noise: float) -> float:
    """Excess risk |β̂ - β|² of least-norm regression on one draw; its mean is the prediction."""
    x = rng.standard_normal((n, p))
    beta = rng.standard_normal(p)
    beta /= np.linalg.norm(beta)
    labels = x @ beta + noise * rng.standard_normal(n)
    # Away from p = n the Gram matrix is well conditioned, and far cheaper than a decomposition of x.
    if p < n:
        estimate = np.linalg.solve(x.T @ x, x.T @ labels)
    else:
        estimate = x.T @ np.linalg.solve(x @ x.T, labels)
    return float(np.sum((estimate - beta) ** 2))
