r"""Gaussian processes whose hyper-parameters are fitted by marginal likelihood, all under the same rules.

Every process has the covariance :math:`a\,k(x, x') + \sigma^2 \delta_{x x'}` on standardised inputs of d
features. The amplitude a and the noise σ² are fitted, and within one interval what gives k its shape: the
length of a stationary kernel, in units of √d and the same for all features, or those hyper-parameters of a
network that are named. The others stay as they are.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    Kernel,
    Matern,
    WhiteKernel,
)

from widelimit.networks import Layer
from widelimit.sklearn.kernels import NNGP, NTK

__all__ = ["Fit", "covariances", "fit"]

_AMPLITUDE = (1e-4, 1e4)
_SHAPE = (1e-2, 1e2)
_NOISE = (1e-4, 1e1)


class Fit(NamedTuple):
    """A fitted process, and how its fit went.

    Attributes:
        process: the Gaussian process at the best of all optima.
        hyper: its fitted hyper-parameters by name.
        at_bound: which of them ended at a bound of their interval.
        unconverged: starts from which L-BFGS-B stopped before it had converged.
    """

    process: GaussianProcessRegressor
    hyper: dict[str, float]
    at_bound: list[str]
    unconverged: int

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of new targets, noise included, both of shape (m, o)."""
        mean, std = self.process.predict(x, return_std=True)
        return mean.reshape(len(x), -1), std.reshape(len(x), -1)


def covariances(net: Layer, features: int, fitted: Sequence[str]) -> dict[str, Kernel]:
    """The covariances to compare, by name: stationary ones, a linear one, those of a network.

    Args:
        net: the network.
        features: number of features d.
        fitted: its hyper-parameters to be fitted, by their names in `named_hyper`; wildcards are allowed.
            A name that it has not is refused by `fit`, with those that it has.
    """
    length = float(np.sqrt(features))
    lengths = (length * _SHAPE[0], length * _SHAPE[1])
    bounds = {f"net__{name}": _SHAPE for name in fitted} | {"*": "fixed"}
    shapes = {
        "RBF": RBF(length, lengths),
        "Matérn 3/2": Matern(length, lengths, nu=1.5),
        "Matérn 5/2": Matern(length, lengths, nu=2.5),
        "linear": ConstantKernel(1 / features, "fixed") * DotProduct(0.0, "fixed"),
        "NNGP": NNGP(net, bounds),
        "NTK": NTK(net, bounds),
    }
    return {
        name: ConstantKernel(1.0, _AMPLITUDE) * shape + WhiteKernel(0.1, _NOISE)
        for name, shape in shapes.items()
    }


def fit(covariance: Kernel, x: np.ndarray, y: np.ndarray, *, restarts: int, seed: int) -> Fit:
    """Maximise the marginal likelihood of targets (n, o) at inputs (n, d) by L-BFGS-B.

    Args:
        covariance: the covariance; the first start is at its hyper-parameters.
        x, y: standardised inputs and targets. Several targets share all hyper-parameters.
        restarts: further starts, log-uniform within the bounds.
        seed: draws them.
    """
    converged: list[bool] = []

    def maximise(objective, start, bounds):
        found = minimize(objective, start, method="L-BFGS-B", jac=True, bounds=bounds)
        converged.append(bool(found.success))
        return found.x, found.fun

    process = GaussianProcessRegressor(
        covariance, optimizer=maximise, n_restarts_optimizer=restarts, random_state=seed
    )
    with warnings.catch_warnings():
        # It says which hyper-parameters are at a bound; that is recorded below.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(x, y)
    fitted = process.kernel_
    names = [re.sub(r"^(k[12]__)+", "", h.name) for h in fitted.hyperparameters if not h.fixed]
    at_bound = np.isclose(fitted.bounds, fitted.theta[:, None]).any(axis=1)
    return Fit(
        process,
        dict(zip(names, np.exp(fitted.theta).tolist(), strict=True)),
        [name for name, reached in zip(names, at_bound, strict=True) if reached],
        converged.count(False),
    )
