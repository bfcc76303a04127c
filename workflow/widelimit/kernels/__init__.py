"""Infinite-width kernels: the pure function and the driver over data sets."""

from widelimit.kernels.compute import compute
from widelimit.kernels.function import Kernels, function

__all__ = ["Kernels", "compute", "function"]
