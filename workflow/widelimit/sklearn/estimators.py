r"""Infinitely wide networks as estimators: fitted in closed form, with nothing random.

With a kernel :math:`\Theta` and :math:`\lambda` = ``diag_reg`` the prediction is

.. math:: f(x) = \Theta(x, X)\, [\Theta(X, X) + \lambda I]^{-1} y .

:math:`\lambda` has the units of the kernel and is not divided by the number of samples: the loss is
:math:`\frac12 \sum_i |f(x_i) - y_i|^2 + \frac{\lambda}{2} |f|^2_\Theta`. It is ``alpha`` of scikit-learn's
`KernelRidge` and `GaussianProcessRegressor`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, lapack
from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from widelimit.networks import Layer, mlp
from widelimit.sklearn.kernels import NNGP, NTK

__all__ = ["NTKClassifier", "NTKRegressor"]

_KERNELS = {"ntk": NTK, "nngp": NNGP}


class _ClosedForm(BaseEstimator):
    """What the regressor and the classifier share.

    Args:
        net: the network; None makes a perceptron from the four arguments after ``kernel``.
        kernel: "ntk" for a trained network, or "nngp" for Bayesian inference with the network as prior.
        depth: number of weight layers, as in `networks.mlp`.
        activation: a name that `networks.mlp` knows.
        w_std, b_std: standard deviations of weights (times the root of the fan-in) and of biases.
        diag_reg: λ, at least 0. Zero interpolates the data.
        input_shape: shape of one input, for networks of convolutions; see `NTK`.
    """

    def __init__(
        self,
        net: Layer | None = None,
        *,
        kernel: str = "ntk",
        depth: int = 3,
        activation: str = "relu",
        w_std: float = 2**0.5,
        b_std: float | None = 0.1,
        diag_reg: float = 1e-6,
        input_shape: tuple[int, ...] | None = None,
    ):
        self.net = net
        self.kernel = kernel
        self.depth = depth
        self.activation = activation
        self.w_std = w_std
        self.b_std = b_std
        self.diag_reg = diag_reg
        self.input_shape = input_shape

    def _solve(self, x: np.ndarray, y: np.ndarray) -> None:
        """Fit to targets of shape (n,) or (n, o)."""
        self.kernel_ = self._kernel()
        self.X_fit_ = x
        self.factor_ = self._factor(self.kernel_(x))
        self.dual_coef_ = cho_solve((self.factor_, True), y)

    def _kernel(self) -> NTK | NNGP:
        if self.kernel not in _KERNELS:
            raise ValueError(f"kernel is {self.kernel!r}, expected one of {sorted(_KERNELS)}.")
        net = self.net
        if net is None:
            net = mlp(self.activation, self.depth, w_std=self.w_std, b_std=self.b_std)
        return _KERNELS[self.kernel](net, input_shape=self.input_shape)

    def _factor(self, kernel: np.ndarray) -> np.ndarray:
        """The lower Cholesky factor of the kernel with λ on its diagonal."""
        if not self.diag_reg >= 0:
            raise ValueError(f"diag_reg is {self.diag_reg}, expected at least 0.")
        kernel[np.diag_indices_from(kernel)] += self.diag_reg
        try:
            factor = cho_factor(kernel, lower=True)[0]
        except LinAlgError:
            condition = 0.0
        else:
            condition = lapack.dpocon(factor, np.linalg.norm(kernel, 1), uplo="L")[0]
        if condition < np.finfo(float).eps:
            raise ValueError(
                f"the {self.kernel} kernel of {len(kernel)} samples with diag_reg={self.diag_reg:g} is "
                f"singular (reciprocal condition number {condition:.0e}): drop samples that are there "
                "twice, or make diag_reg larger."
            )
        return factor

    def _cross(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """Inputs after their checks, and their kernel with the training inputs."""
        check_is_fitted(self)
        x = validate_data(self, X, reset=False, dtype=np.float64)
        return x, self.kernel_(x, self.X_fit_)


class NTKRegressor(MultiOutputMixin, RegressorMixin, _ClosedForm):
    """The mean of infinitely many, infinitely wide networks trained to the end on the squared error.

    With ``kernel="nngp"`` it is the posterior mean of the network as a Gaussian process. Targets are taken
    as they are, and the prior has mean zero: centre them if theirs is far from it.
    """

    def fit(self, X: Any, y: Any) -> NTKRegressor:
        """Fit to inputs (n, d) and targets (n,) or (n, o)."""
        x, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        self._solve(x, y)
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predictions of the shape of the targets, and on request their standard deviations.

        Args:
            X: inputs, shape (m, d).
            return_std: also return the posterior standard deviation of the function (without the noise λ).

        Raises:
            ValueError: ``return_std`` with ``kernel="ntk"``, where the posterior variance is not
                the variance of trained networks.
        """
        if return_std and self.kernel != "nngp":
            raise ValueError(
                f"return_std with kernel={self.kernel!r}: that kernel is no prior over functions. Take "
                'kernel="nngp", the posterior of the Bayesian network.'
            )
        x, cross = self._cross(X)
        mean = cross @ self.dual_coef_
        if not return_std:
            return mean
        explained = np.einsum("ij,ji->i", cross, cho_solve((self.factor_, True), cross.T))
        std = np.sqrt(np.maximum(self.kernel_.diag(x) - explained, 0))
        return mean, np.broadcast_to(std, mean.T.shape).T.copy()


class NTKClassifier(ClassifierMixin, _ClosedForm):
    """Classification by regression on labels: +1 for the class of a sample and -1 for all others.

    That is the network trained on the squared error of its labels, and it has no probabilities: for those
    take `GaussianProcessClassifier` with the kernel `NNGP`.
    """

    def fit(self, X: Any, y: Any) -> NTKClassifier:
        """Fit to inputs (n, d) and labels (n,), of any type that scikit-learn takes."""
        x, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self._labels = LabelBinarizer(neg_label=-1)
        targets = self._labels.fit_transform(y)
        self.classes_ = self._labels.classes_
        if len(self.classes_) < 2:
            raise ValueError(
                f"all {len(y)} samples are of one class, {self.classes_[0]}; "
                "expected 2 classes or more."
            )
        self._solve(x, targets[:, 0] if len(self.classes_) == 2 else targets)
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Outputs of the network: (m, classes), or (m,) of the second class if there are two."""
        _, cross = self._cross(X)
        return cross @ self.dual_coef_

    def predict(self, X: Any) -> np.ndarray:
        """The class with the largest output, shape (m,)."""
        scores = self.decision_function(X)
        return self.classes_[scores.argmax(1) if scores.ndim == 2 else (scores > 0).astype(int)]
