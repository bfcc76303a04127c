r"""Predictions for each sample from all the others, from one factor (Rasmussen and Williams 2006, section 5.4.2).

.. math:: f_{-i}(x_i) = y_i - \frac{\alpha_i}{[(K + \lambda I)^{-1}]_{ii}} .
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from widelimit.regression.cholesky import Factor

__all__ = ["leave_one_out"]

_BLOCK = 256
"""Columns of the inverse that are held at once."""


def leave_one_out(factor: Factor, y: np.ndarray) -> np.ndarray:
    """Predictions for each sample from all the others, in the shape of ``y``.

    Args:
        factor: that of the kernel.
        y: targets, shape (n,) or (n, outputs).
    """
    precision = _inverse_diagonal(factor.matrix)
    weights = factor.solve(y).weights
    return y - weights / precision.reshape(-1, *(1,) * (np.ndim(y) - 1))


def _inverse_diagonal(lower: np.ndarray) -> np.ndarray:
    r""":math:`[(L L^\top)^{-1}]_{ii} = \sum_{j \ge i} [L^{-1}]_{ji}^2`, by blocks of columns of the inverse."""
    n, found = len(lower), np.empty(len(lower))
    for start in range(0, n, _BLOCK):
        width = min(_BLOCK, n - start)
        # A column of the inverse begins at the diagonal; a part of L would be copied, all of it is not.
        unit = np.eye(n, width, -start, order="F")
        columns = solve_triangular(lower, unit, lower=True, overwrite_b=True, check_finite=False)
        found[start : start + width] = np.sum(columns**2, axis=0)
    return found
