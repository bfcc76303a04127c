r"""Training in the infinite-width limit: gradient flow with a constant kernel, in closed form.

For the loss :math:`\frac12 \sum_i |f(x_i) - y_i|^2` (no 1/N) and a constant kernel :math:`\Theta`,

.. math:: f_t(X) = y + e^{-\Theta t} (f_0(X) - y), \qquad
          f_t(x) = f_0(x) - \Theta(x, X)\, \Theta^{-1} (I - e^{-\Theta t}) (f_0(X) - y)

(Jacot et al. 2018; Lee et al. 2019; Costa, eq. 9-10). The factor :math:`\Theta^{-1}` is essential:
without it the predictor does not interpolate as :math:`t \to \infty`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["KernelFlow", "Prediction"]


class Prediction(NamedTuple):
    """Outputs at some times: on training inputs (t, n, o) and on test inputs (t, m, o)."""

    train: np.ndarray
    test: np.ndarray


class KernelFlow:
    """Gradient flow on the loss ½ Σ (f - y)² with a constant kernel.

    Args:
        kernel: Θ on the training inputs, shape (n, n), positive definite.
        y: targets, shape (n, o).
    """

    def __init__(self, kernel: np.ndarray, y: np.ndarray):
        self.y = np.asarray(y, float).reshape(len(y), -1)
        self.rates, self.modes = np.linalg.eigh(kernel)
        if self.rates[0] <= 0:
            raise ValueError(
                f"the kernel's smallest eigenvalue is {self.rates[0]:.3g}, expected it positive: "
                "remove duplicate samples, or use a network with biases."
            )

    @property
    def largest_step(self) -> float:
        r"""Gradient descent with constant step is stable below :math:`2/\lambda_{\max}`."""
        return 2 / float(self.rates[-1])

    def predict(
        self,
        times: np.ndarray,
        cross: np.ndarray | None = None,
        start: np.ndarray | None = None,
        start_test: np.ndarray | None = None,
    ) -> Prediction:
        """Outputs at ``times`` (shape (t,), may be infinite).

        Args:
            times: training times; the unit is one over the unit of the kernel.
            cross: kernel between test and training inputs, (m, n); none for no test inputs.
            start, start_test: outputs at time zero, (n, o) and (m, o); zero by default.
        """
        n, outputs = self.y.shape
        cross = np.empty((0, n)) if cross is None else cross
        start = np.zeros_like(self.y) if start is None else start
        start_test = np.zeros((len(cross), outputs)) if start_test is None else start_test
        residual = self.modes.T @ (start - self.y)
        decay = np.exp(-np.multiply.outer(np.asarray(times, float), self.rates))
        # (1 - e^{-λt})/λ by expm1, so that early times and small rates keep their digits.
        gained = -np.expm1(-np.multiply.outer(np.asarray(times, float), self.rates)) / self.rates
        train = self.y + np.einsum("nk,tk,ko->tno", self.modes, decay, residual)
        test = start_test - np.einsum("mk,tk,ko->tmo", cross @ self.modes, gained, residual)
        return Prediction(train, test)
