r"""All ridges from one eigendecomposition :math:`K = U \operatorname{diag}(s) U^\top`.

.. math:: \alpha(\lambda) = U (s + \lambda)^{-1} U^\top y, \qquad
          [(K + \lambda I)^{-1}]_{ii} = \sum_j U_{ij}^2 / (s_j + \lambda) .
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh

from widelimit.errors import InputError

__all__ = ["RidgePath"]


class RidgePath(NamedTuple):
    """A kernel with targets, at any ridge.

    Attributes:
        eigenvalues: ascending, shape (n,).
        modes: eigenvectors in columns, shape (n, n).
        targets: shape (n, outputs).
    """

    eigenvalues: np.ndarray
    modes: np.ndarray
    targets: np.ndarray

    @classmethod
    def of(cls, kernel: np.ndarray, y: np.ndarray, *, overwrite: bool = False) -> RidgePath:
        """That of a kernel of shape (n, n), whose memory may be taken, and targets of shape (n, outputs).

        It takes three times the memory of the kernel.
        """
        if np.ndim(y) != 2 or len(y) != len(kernel):
            raise InputError(
                f"targets have shape {np.shape(y)}, expected ({len(kernel)}, outputs) for a kernel of "
                f"{len(kernel)} samples."
            )
        values, modes = eigh(kernel, overwrite_a=overwrite, driver="evd")
        return cls(values, modes, np.asarray(y, float))

    def weights(self, ridge: float) -> np.ndarray:
        """Weights, shape (n, outputs)."""
        return self.modes @ (self._modes_of_targets / self._shifted(ridge)[:, None])

    def leave_one_out(self, ridge: float) -> np.ndarray:
        """Predictions for each sample from all the others, shape (n, outputs), see `leave_one_out`."""
        precision = np.einsum("ij,ij,j->i", self.modes, self.modes, 1 / self._shifted(ridge))
        return self.targets - self.weights(ridge) / precision[:, None]

    @property
    def _modes_of_targets(self) -> np.ndarray:
        return self.modes.T @ self.targets

    def _shifted(self, ridge: float) -> np.ndarray:
        shifted = self.eigenvalues + ridge
        least = len(shifted) * np.finfo(float).eps * self.eigenvalues[-1]
        if not shifted[0] > least:
            raise InputError(
                f"ridge is {ridge:g} and the smallest eigenvalue {self.eigenvalues[0]:.1e}: expected a ridge above "
                f"{least - self.eigenvalues[0]:.1e}, the rounding of the largest one."
            )
        return shifted
