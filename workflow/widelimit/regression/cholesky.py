r"""Dense kernels by Cholesky factors, in the memory of the kernel itself.

LAPACK writes the factor of :math:`K + \lambda I = L L^\top` below the diagonal and leaves what is above: with the
diagonal kept apart the kernel is still there, so that residuals are those of the kernel and not of its factors.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np
import psutil
from scipy.linalg import blas, lapack

from widelimit.errors import InputError
from widelimit.regression.solution import Solution

__all__ = ["Factor", "factorise", "memory"]

_JITTERS = (0.0, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10)
"""Added to the diagonal in units of its mean, one after the other, until the kernel has a factor."""

_log = logging.getLogger(__name__)


class Factor(NamedTuple):
    """A factorised kernel.

    Attributes:
        matrix: in columns (Fortran's order); L on and below the diagonal, the kernel above it.
        diagonal: that of the kernel with its ridge.
        ridge: λ, and what had to be added to it.
    """

    matrix: np.ndarray
    diagonal: np.ndarray
    ridge: float

    def solve(self, y: np.ndarray) -> Solution:
        """Weights for targets of shape (n,) or (n, outputs), refined once by their residuals."""
        targets = np.asarray(y, float).reshape(len(self.diagonal), -1)
        weights = self._back(targets)
        weights += self._back(targets - self.product(weights))
        residual = relative(targets - self.product(weights), targets)
        return Solution(weights.reshape(np.shape(y)), residual, self.ridge)

    def product(self, weights: np.ndarray) -> np.ndarray:
        """The kernel with its ridge times weights, from what is above the diagonal."""
        # The routine takes the diagonal of the factor for that of the kernel.
        wrong = self.diagonal - np.diagonal(self.matrix)
        return blas.dsymm(1.0, self.matrix, weights) + wrong[:, None] * weights

    def _back(self, right: np.ndarray) -> np.ndarray:
        found, _ = lapack.dpotrs(self.matrix, right, lower=1)
        return found


def factorise(kernel: np.ndarray, ridge: float = 0.0, *, overwrite: bool = False) -> Factor:
    """The Cholesky factor of a kernel with a ridge.

    A kernel that is singular to rounding gets the smallest ridge that helps, of up to 1e-10 of the mean of its
    diagonal; that is said by a warning, and `Factor.ridge` has it.

    Args:
        kernel: shape (n, n), symmetric.
        ridge: λ ≥ 0, in the units of the kernel.
        overwrite: whether the memory of the kernel may be taken, if it is float64.

    Raises:
        InputError: if it is no symmetric kernel, if it takes more memory than there is, or if no such ridge helps.
    """
    _check(kernel, ridge)
    matrix = _columns(kernel, overwrite=overwrite)
    diagonal = np.diagonal(matrix).copy()
    for jitter in _JITTERS:
        extra = jitter * float(np.mean(diagonal))
        np.fill_diagonal(matrix, diagonal + (ridge + extra))
        matrix, failed = lapack.dpotrf(matrix, lower=1, clean=0, overwrite_a=1)
        if not failed:
            if extra:
                _log.warning(
                    "the kernel of %d samples is singular to rounding with ridge %g: %.1e was added to its diagonal.",
                    len(matrix), ridge, extra,
                )  # fmt: skip
            return Factor(matrix, diagonal + (ridge + extra), ridge + extra)
        _restore(matrix)
    raise InputError(
        f"the kernel of {len(matrix)} samples has no Cholesky factor with ridge {ridge:g}, nor with "
        f"{_JITTERS[-1]:g} of its diagonal more: the order of its first minor that is not positive is {failed}. Remove "
        "duplicate samples, compute the kernel in float64, or give a larger ridge."
    )


def memory(samples: int, outputs: int = 1) -> int:
    """Bytes that `factorise` and `Factor.solve` take, the kernel included."""
    return 8 * samples * (samples + 4 * outputs + 2)


def relative(rest: np.ndarray, whole: np.ndarray) -> float:
    """Largest norm of a column over that of the column of another matrix; columns of zeros count as they are."""
    norms = np.linalg.norm(whole, axis=0)
    return float(np.max(np.linalg.norm(rest, axis=0) / np.where(norms > 0, norms, 1), initial=0))


def _columns(kernel: np.ndarray, *, overwrite: bool) -> np.ndarray:
    """The kernel in Fortran's order and float64: its transpose, which is the same."""
    if overwrite and kernel.dtype == np.float64 and kernel.flags.c_contiguous:
        return kernel.T
    need, free = memory(len(kernel)), psutil.virtual_memory().available
    if need > free:
        raise InputError(
            f"factors of a kernel of {len(kernel)} samples take {need / 2**30:.1f} GiB more, of which "
            f"{free / 2**30:.1f} are free: say overwrite=True if it is float64 and not needed any longer, or take "
            "`conjugate_gradients`."
        )
    return np.array(kernel.T, float, order="F")


def _restore(matrix: np.ndarray) -> None:
    """Write what is above the diagonal below it again, where LAPACK stopped half-way."""
    for j in range(len(matrix)):
        matrix[j + 1 :, j] = matrix[j, j + 1 :]


def _check(kernel: np.ndarray, ridge: float) -> None:
    if kernel.ndim != 2 or len(kernel) != len(kernel.T):
        raise InputError(f"the kernel has shape {kernel.shape}, expected (n, n).")
    if not ridge >= 0:
        raise InputError(f"ridge is {ridge}, expected a number that is not negative.")
    # A few entries tell whether it is a kernel of a set with itself; all of them would take as long as reading it.
    some = np.linspace(0, len(kernel) - 1, min(len(kernel), 64)).astype(int)
    part = kernel[np.ix_(some, some)]
    if not np.array_equal(part, part.T):
        raise InputError(
            "the kernel is not symmetric, or has NaN: give that of samples with themselves."
        )
