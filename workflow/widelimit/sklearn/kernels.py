"""The kernels of infinitely wide networks as kernels of ``sklearn.gaussian_process``."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from math import prod
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.gaussian_process.kernels import Hyperparameter, Kernel

from widelimit import kernels
from widelimit.networks import Layer
from widelimit.networks.parameters import named_hyper, with_hyper

__all__ = ["NNGP", "NTK"]

_PREFIX = "net__"
_BOUNDS = (1e-2, 1e2)

Bounds = tuple[float, float] | str


class _NetworkKernel(Kernel):
    """One of the two kernels of a network.

    Its hyper-parameters are those of the network, and their names say where they stand:
    ``net.hyper[0]["w_std"]`` is ``net__0__w_std``. As in all of scikit-learn's kernels ``theta`` holds
    logarithms; a hyper-parameter that is zero or negative has none and stays as it is.

    Args:
        net: the network, any one with a single output field.
        hyper_bounds: in which interval the hyper-parameters are fitted: a pair, or "fixed", or a mapping
            from names to these. Names may hold wildcards (``{"*__b_std": "fixed"}``); the first that
            matches counts, and what none matches has the bounds (0.01, 100).
        input_shape: shape of one input. scikit-learn hands over rows of numbers, and a network of
            convolutions asks for images: each row is brought to this shape. None leaves rows as they are.
        tolerance: as in `kernels.compute`, for activations by series.
    """

    _kind: ClassVar[Literal["nngp", "ntk"]]

    def __init__(
        self,
        net: Layer,
        hyper_bounds: Bounds | Mapping[str, Bounds] = _BOUNDS,
        *,
        input_shape: tuple[int, ...] | None = None,
        tolerance: float = 1e-6,
    ):
        self.net = net
        self.hyper_bounds = hyper_bounds
        self.input_shape = input_shape
        self.tolerance = tolerance

    def __call__(self, X: Any, Y: Any = None, eval_gradient: bool = False) -> Any:
        r"""The kernel (n1, n2), and on request its slopes :math:`\partial K/\partial\theta` (n1, n1, p).

        Raises:
            ValueError: slopes are asked for between two sets of inputs.
        """
        if eval_gradient and Y is not None:
            raise ValueError("the gradient is that of k(X, X): leave out Y, or eval_gradient.")
        x, y = self._inputs(X), None if Y is None else self._inputs(Y)
        values = kernels.compute(self.net, x, y, get=self._kind, tolerance=self.tolerance)
        if not eval_gradient:
            return values
        free = (h.name.removeprefix(_PREFIX) for h in self.hyperparameters if not h.fixed)
        return values, kernels.log_slopes(self.net, self._kind, x, tuple(free))

    def diag(self, X: Any) -> np.ndarray:
        """Each input's kernel with itself, shape (n,), in time linear in n."""
        return kernels.compute(
            self.net, self._inputs(X), get=self._kind, diagonal=True, tolerance=self.tolerance
        )

    def is_stationary(self) -> bool:
        """False: the kernel depends on more than differences of inputs."""
        return False

    @property
    def hyperparameters(self) -> list[Hyperparameter]:
        """What can be fitted, in the order of the layers."""
        values = self._values()
        if isinstance(self.hyper_bounds, Mapping):
            idle = [p for p in self.hyper_bounds if not any(fnmatchcase(n, p) for n in values)]
            if idle:
                raise ValueError(f"hyper_bounds has {idle}, expected patterns of {list(values)}.")
        return [Hyperparameter(n, "numeric", self._bounds(n, v)) for n, v in values.items()]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Arguments of the constructor and, if ``deep``, the network's hyper-parameters."""
        return super().get_params() | (self._values() if deep else {})

    def set_params(self, **params: Any) -> _NetworkKernel:
        """Change arguments of the constructor, or hyper-parameters by their names."""
        values = {
            name.removeprefix(_PREFIX): float(params.pop(name))
            for name in list(params)
            if name.startswith(_PREFIX)
        }
        super().set_params(**params)
        self.net = with_hyper(self.net, values)
        return self

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value:.3g}" for name, value in self._values().items())
        return f"{type(self).__name__}({values})"

    def _values(self) -> dict[str, float]:
        return {_PREFIX + name: float(value) for name, value in named_hyper(self.net).items()}

    def _bounds(self, name: str, value: float) -> Bounds:
        if value <= 0:
            return "fixed"
        if not isinstance(self.hyper_bounds, Mapping):
            return self.hyper_bounds
        matching = (b for pattern, b in self.hyper_bounds.items() if fnmatchcase(name, pattern))
        return next(matching, _BOUNDS)

    def _inputs(self, x: Any) -> np.ndarray:
        x = np.atleast_2d(np.asarray(x, float))
        if self.input_shape is None:
            return x
        if prod(x.shape[1:]) != prod(self.input_shape):
            raise ValueError(
                f"inputs have {prod(x.shape[1:])} numbers each, and input_shape={self.input_shape} "
                f"asks for {prod(self.input_shape)}."
            )
        return x.reshape(len(x), *self.input_shape)


class NNGP(_NetworkKernel):
    r"""The covariance :math:`K(x, x') = E[f(x) f(x')]` of an infinitely wide network at initialisation.

    As the kernel of a Gaussian process it is exact Bayesian inference with that network as the prior.
    """

    _kind = "nngp"


class NTK(_NetworkKernel):
    r"""The tangent kernel :math:`\Theta(x, x')` of an infinitely wide network.

    The mean of a Gaussian process with this kernel is the mean of networks trained by gradient descent on
    the squared error; its variance is that of the process, not the spread of those networks.
    """

    _kind = "ntk"
