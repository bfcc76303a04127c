"""Infinitely wide networks for scikit-learn: kernels for its Gaussian processes, and estimators.

This part alone needs scikit-learn; nothing else in the library imports it.
"""

try:
    import sklearn as _sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        "widelimit.sklearn needs scikit-learn, which is not installed: pip install 'widelimit[sklearn]'."
    ) from error

from widelimit.sklearn.estimators import NTKClassifier, NTKRegressor
from widelimit.sklearn.kernels import NNGP, NTK

__all__ = ["NNGP", "NTK", "NTKClassifier", "NTKRegressor"]
