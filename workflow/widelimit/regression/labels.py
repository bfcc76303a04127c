"""Classes as targets of regression, and back."""

from __future__ import annotations

import numpy as np

from widelimit.errors import InputError

__all__ = ["accuracy", "coded"]


def coded(labels: np.ndarray, classes: int) -> np.ndarray:
    """Classes 0 … k - 1 as 1 - 1/k in their own column and -1/k in all others, shape (n, k).

    For ten classes these are 0.9 and -0.1 (Arora et al. 2020). Rows add up to zero.
    """
    labels = np.asarray(labels)
    if not np.issubdtype(labels.dtype, np.integer) or np.any((labels < 0) | (labels >= classes)):
        raise InputError(
            f"labels are of type {labels.dtype} between {labels.min()} and {labels.max()}, expected whole numbers from "
            f"0 to {classes - 1}."
        )
    return np.eye(classes)[labels] - 1 / classes


def accuracy(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Share of samples whose largest prediction, shape (n, classes), is that of their class."""
    return float(np.mean(np.argmax(predictions, axis=1) == labels))
