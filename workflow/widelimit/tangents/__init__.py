"""Empirical tangent kernels of finite networks."""

from widelimit.tangents.ensemble import sample_ntk
from widelimit.tangents.ntk import ntk

__all__ = ["ntk", "sample_ntk"]
