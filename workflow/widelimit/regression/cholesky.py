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

__all__ = ["Factor", "columns_of", "factorise", "memory", "relative"]

_JITTERS = (0.0, 1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6)
"""Added to the diagonal in roundings of its mean, one after the other, until the kernel has a factor."""

_MOST = 1e-4
"""Of its mean that is added at most: kernels that were computed in float32 are right to 1e-7 alone."""

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
        targets = columns_of(y, len(self.diagonal))
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


def factorise(
    kernel: np.ndarray,
    ridge: float = 0.0,
    *,
    overwrite: bool = False,
    jitter: bool = True,
    warn: bool = True,
) -> Factor:
    """The Cholesky factor of a kernel with a ridge.

    A kernel that is singular to rounding, that of its own precision, gets the smallest ridge that helps, of up to 2e-10 of
    the mean of its diagonal, or 1e-5 for one in float32; that is said by a warning, and `Factor.ridge` has it.

    Args:
        kernel: shape (n, n), symmetric.
        ridge: λ ≥ 0, in the units of the kernel.
        overwrite: whether the memory of the kernel may be taken, if it is float64 with rows one after the other.
        jitter: whether such a ridge may be added.
        warn: whether to say so; `Factor.ridge` has it anyway.

    Raises:
        InputError: if it is no symmetric kernel, or has NaN, if it takes more memory than there is, or if no ridge helps.
    """
    _check(kernel, ridge)
    matrix = _columns(kernel, overwrite=overwrite)
    diagonal = np.diagonal(matrix).copy()
    rounding = (
        float(np.finfo(kernel.dtype).eps) if kernel.dtype.kind == "f" else np.finfo(float).eps
    )
    for times in _JITTERS if jitter else (0.0,):
        if times * rounding > _MOST:
            break
        extra = times * rounding * float(np.mean(diagonal))
        np.fill_diagonal(matrix, diagonal + (ridge + extra))
        matrix, failed = lapack.dpotrf(matrix, lower=1, clean=0, overwrite_a=1)
        if not failed:
            if not np.isfinite(np.diagonal(matrix)).all():
                raise InputError("the kernel has NaN, or is infinite: look at how it was computed.")
            if extra and warn:
                _log.warning(
                    "the kernel of %d samples is singular to rounding with ridge %g: %.1e was added to its diagonal.",
                    len(matrix), ridge, extra,
                )  # fmt: skip
            return Factor(matrix, diagonal + (ridge + extra), ridge + extra)
        _restore(matrix)
    raise InputError(
        f"the kernel of {len(matrix)} samples is singular to rounding with ridge {ridge:g}"
        f"{f', and with {extra:.0e} more' if extra else ''}: its first minor that is not positive has order {failed}. "
        "Remove duplicate samples, compute the kernel in float64, or give a larger ridge."
    )


def columns_of(y: np.ndarray, samples: int) -> np.ndarray:
    """Targets as columns, one row for each sample."""
    if np.ndim(y) not in (1, 2) or len(y) != samples:
        raise InputError(
            f"targets have shape {np.shape(y)}, expected ({samples},) or ({samples}, outputs) for a kernel of "
            f"{samples} samples."
        )
    return np.asarray(y, float).reshape(samples, -1)


def memory(samples: int, outputs: int = 1) -> int:
    """Bytes that `factorise` and `Factor.solve` take, with the kernel itself if its memory may be taken."""
    return 8 * samples * (samples + 4 * outputs + 2)


def relative(rest: np.ndarray, whole: np.ndarray) -> float:
    """Largest norm of a column over that of the column of another matrix; columns of zeros count as they are."""
    norms = np.linalg.norm(whole, axis=0)
    return float(np.max(np.linalg.norm(rest, axis=0) / np.where(norms > 0, norms, 1), initial=0))


def _columns(kernel: np.ndarray, *, overwrite: bool) -> np.ndarray:
    """The kernel in Fortran's order and float64: its transpose, which is the same."""
    if (
        overwrite
        and kernel.dtype == np.float64
        and kernel.flags.c_contiguous
        and kernel.flags.writeable
    ):
        return kernel.T
    need, free = memory(len(kernel)), psutil.virtual_memory().available
    if need > free:
        raise InputError(
            f"factors of a kernel of {len(kernel)} samples take {need / 2**30:.1f} GiB beside it, and "
            f"{free / 2**30:.1f} are free: give it in float64, row by row, with overwrite=True if it is not needed any "
            "longer, or take `conjugate_gradients`."
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
    apart = np.abs(part - part.T)
    if not np.all(apart <= 1e-6 * np.max(np.abs(part), initial=0)):
        raise InputError(
            "the kernel is not symmetric, or has NaN: give that of samples with themselves."
        )
