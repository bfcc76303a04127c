r"""A preconditioner from some columns of a kernel (Frangella, Tropp and Udell 2023).

With :math:`C` the columns of m samples and :math:`W` their own rows, :math:`\hat K = C W^{-1} C^\top = U \hat S U^\top`
has the large eigenvalues of :math:`K`, and in units of its smallest eigenvalue :math:`\hat s_m`

.. math:: P^{-1} = (\hat s_m + \lambda)\, U (\hat S + \lambda I)^{-1} U^\top + (I - U U^\top) .
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from widelimit.errors import InputError

__all__ = ["nystrom"]


def nystrom(columns: np.ndarray, ridge: float) -> Callable[[np.ndarray], np.ndarray]:
    r"""The map :math:`r \mapsto P^{-1} r`.

    Args:
        columns: C, those of the first m of n samples, which should be in random order, shape (n, m).
        ridge: :math:`\lambda`.
    """
    m = columns.shape[1]
    shift, root = _shifted_root(columns[:m], float(np.linalg.norm(columns)) * m**0.5)
    half = solve_triangular(root, (columns + shift * np.eye(len(columns), m)).T, lower=True).T
    modes, singular, _ = np.linalg.svd(half, full_matrices=False)
    values = np.maximum(singular**2 - shift, shift) + ridge
    gain = values[-1] / values - 1

    def precondition(rest: np.ndarray) -> np.ndarray:
        return rest + modes @ (gain[:, None] * (modes.T @ rest))

    return precondition


def _shifted_root(block: np.ndarray, scale: float) -> tuple[float, np.ndarray]:
    """The Cholesky factor of W with a shift, which is taken away from the eigenvalues again.

    The least that keeps W positive: rounding of float64, or of what the kernel was computed in.
    """
    for shift in scale * np.finfo(float).eps * 10.0 ** np.arange(10):
        try:
            return float(shift), cholesky(block + shift * np.eye(len(block)), lower=True)
        except np.linalg.LinAlgError:
            continue
    raise InputError(
        f"the first {len(block)} columns are not those of a kernel: it has negative eigenvalues far beyond rounding."
    )
