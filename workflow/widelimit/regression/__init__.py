"""Regression with kernels that may be large: in memory by factors, on disk by iterations.

All is in float64. Of how kernels are computed nothing is known here, but for the folders that they lie in.
"""

from widelimit.regression.cholesky import Factor, factorise, memory
from widelimit.regression.conjugate_gradients import conjugate_gradients
from widelimit.regression.disk import KernelOnDisk
from widelimit.regression.labels import accuracy, coded
from widelimit.regression.leave_one_out import leave_one_out
from widelimit.regression.nystrom import nystrom
from widelimit.regression.ridge_path import RidgePath
from widelimit.regression.solution import Solution

__all__ = [
    "Factor",
    "KernelOnDisk",
    "RidgePath",
    "Solution",
    "accuracy",
    "coded",
    "conjugate_gradients",
    "factorise",
    "leave_one_out",
    "memory",
    "nystrom",
]
