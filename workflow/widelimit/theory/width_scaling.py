r"""How fast finite networks approach their limit: :math:`\|\Theta_n - \Theta\| \propto n^{-1/2}`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from widelimit.statistics import ConfidenceDistribution, bootstrap

__all__ = ["envelope", "relative_error", "rms", "rms_slope"]


def relative_error(kernels: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Frobenius distance of each kernel (..., n, n) to ``limit`` (n, n), over the limit's norm."""
    return np.linalg.norm(kernels - limit, axis=(-2, -1)) / np.linalg.norm(limit)


def envelope(width: np.ndarray, epsilon: float = 0.1) -> np.ndarray:
    r"""The almost sure rate :math:`(\log n)^{1/2+\epsilon}/\sqrt n` of Costa, eq. 11, up to a constant."""
    width = np.asarray(width, float)
    return np.log(width) ** (0.5 + epsilon) / np.sqrt(width)


def rms(errors: np.ndarray, rng: np.random.Generator) -> ConfidenceDistribution:
    """Root mean square over independent draws (s,), with a bootstrap over draws."""
    return bootstrap(lambda e: np.sqrt(np.mean(e**2, axis=-1)), [errors], rng)


def rms_slope(
    widths: Sequence[int], errors: Sequence[np.ndarray], rng: np.random.Generator
) -> ConfidenceDistribution:
    """Exponent of the RMS error in the width, by weighted least squares in logarithms.

    Args:
        widths: the widths.
        errors: errors of independent draws, shape (s,), for each width.
        rng: the source of the bootstrap over draws.
    """
    x = np.log(np.asarray(widths, float))
    squares = [np.asarray(e, float) ** 2 for e in errors]
    # Variance of log RMS by the delta method; the weights stay fixed under resampling.
    weight = np.array([4 * len(s) * s.mean() ** 2 / s.var(ddof=1) for s in squares])
    centred = x - np.average(x, weights=weight)
    coefficients = weight * centred / np.sum(weight * centred**2)

    def slope(*resampled: np.ndarray) -> np.ndarray:
        logs = [0.5 * np.log(np.mean(s, axis=-1)) for s in resampled]
        return sum(c * log for c, log in zip(coefficients, logs, strict=True))

    return bootstrap(slope, squares, rng)
