"""Infinite-width kernels: the pure function, and the driver over data sets with its folders."""

from widelimit.kernels.archive import open_archive as open  # noqa: A004 - it is kernels.open
from widelimit.kernels.compute import compute, compute_part
from widelimit.kernels.derivatives import log_slopes
from widelimit.kernels.function import Kernels, function

__all__ = ["Kernels", "compute", "compute_part", "function", "log_slopes", "open"]
