r"""Spectra of kernel matrices: decay, effective ranks, conditioning."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from widelimit.statistics import ConfidenceDistribution, student

__all__ = ["Decay", "conditioning", "decay_exponent", "effective_ranks", "eigenvalues"]


class Decay(NamedTuple):
    """A power law fitted to eigenvalues: exponent and the range of indices used (from 1)."""

    exponent: ConfidenceDistribution
    first: int
    last: int


def eigenvalues(kernel: np.ndarray) -> np.ndarray:
    """Eigenvalues of K/n, descending, shape (n,): they approximate those of the integral operator.

    What lies below the rounding error of the largest is noise; it is returned as it comes.
    """
    return np.linalg.eigvalsh(kernel)[::-1] / len(kernel)


def effective_ranks(values: np.ndarray, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Effective ranks of the tail behind index k (Bartlett et al. 2020), each of k's shape.

    .. math:: r_k = \frac{\sum_{i>k} \lambda_i}{\lambda_{k+1}}, \qquad
              R_k = \frac{(\sum_{i>k} \lambda_i)^2}{\sum_{i>k} \lambda_i^2} .

    Args:
        values: eigenvalues, descending, shape (n,).
        k: numbers of leading eigenvalues left out, each below n.
    """
    values = np.asarray(values, float)
    tail = np.cumsum(values[::-1])[::-1][k]
    tail2 = np.cumsum(values[::-1] ** 2)[::-1][k]
    return tail / values[k], tail**2 / tail2


def conditioning(kernel: np.ndarray) -> tuple[float, float, float]:
    """Smallest and largest eigenvalue of K, and their ratio, the condition number."""
    values = np.linalg.eigvalsh(kernel)
    return float(values[0]), float(values[-1]), float(values[-1] / values[0])


def decay_exponent(
    kernel: np.ndarray, rng: np.random.Generator, *, first: int, last: int, halves: int = 64
) -> Decay:
    r"""The exponent a in :math:`\lambda_i \propto i^{-a}`, with an interval over samples.

    The eigenvalues of one kernel matrix are not independent, so the residuals of the fit say nothing
    about the error. The exponent is fitted to the kernel of random halves of the samples; the spread
    over halves is that of the full set (delete-half jackknife, Shao and Wu 1989). It is an interval for
    what sets of n samples give: the tail adds about its sum over n to each eigenvalue, so that a range
    near n shows a smaller exponent than the operator has.

    Args:
        kernel: K, shape (n, n).
        rng: chooses the halves.
        first, last: range of indices, counted from 1; ``last`` is at most n/2.
        halves: number of halves.
    """
    n = len(kernel)
    if not 1 <= first < last <= n // 2:
        raise ValueError(f"range is {first} … {last}, expected 1 ≤ first < last ≤ n/2 = {n // 2}.")
    full = _fit(eigenvalues(kernel), first, last)
    fits = []
    for _ in range(halves):
        half = rng.choice(n, n // 2, replace=False)
        fits.append(_fit(eigenvalues(kernel[np.ix_(half, half)]), first, last))
    # Deviations of halves from their mean have the spread of the estimator on all n samples; the
    # factor √halves undoes the division that `student` makes for a mean.
    spread = (np.array(fits) - np.mean(fits)) * np.sqrt(halves)
    return Decay(student(full + spread), first, last)


def _fit(values: np.ndarray, first: int, last: int) -> float:
    index = np.arange(first, last + 1)
    return -float(np.polyfit(np.log(index), np.log(values[first - 1 : last]), 1)[0])
