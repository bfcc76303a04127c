"""The kernels of infinitely wide networks as kernels of GPyTorch.

JAX computes both the kernel and its gradients, so that PyTorch and JAX share a process; arrays pass
through the memory of the CPU. Second derivatives are not there. GPyTorch and PyTorch are no dependencies
of the library, and nothing else in it imports this module.
"""

from __future__ import annotations

import functools
from math import prod
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.kernels.evaluate import error_of, lowest_order
from widelimit.kernels.function import output_state
from widelimit.networks import Layer
from widelimit.networks.parameters import named_hyper, with_hyper
from widelimit.precision import precision

try:
    import gpytorch
    import torch
    from torch.autograd.function import once_differentiable
except ImportError as error:
    raise ImportError(
        "widelimit.gpytorch needs GPyTorch and PyTorch, and at least one is not installed: "
        "pip install 'widelimit[gpytorch]'."
    ) from error


__all__ = ["NNGPKernel", "NTKKernel"]


class _NetworkKernel(gpytorch.kernels.Kernel):
    """One of the two kernels of a network, in the precision of its inputs (float32 or float64).

    Its parameters are the positive hyper-parameters of the network, each a scalar under a constraint:
    ``raw_net__0__w_std`` belongs to ``net.hyper[0]["w_std"]``. Hyper-parameters that are zero or negative
    stay as they are; to hold another one, say ``requires_grad_(False)`` to its parameter.

    Args:
        net: the network, any one with a single output field.
        constraint: of all parameters; None is `gpytorch.constraints.Positive`, by a softplus.
        input_shape: shape of one input, for networks of convolutions; None leaves rows as they are.
        tolerance: as in `kernels.compute`, for activations by series.
        kwargs: as in `gpytorch.kernels.Kernel` (``active_dims``).
    """

    is_stationary = False
    _kind: ClassVar[str]

    def __init__(
        self,
        net: Layer,
        constraint: gpytorch.constraints.Interval | None = None,
        *,
        input_shape: tuple[int, ...] | None = None,
        tolerance: float = 1e-6,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self._net = net
        self._input_shape = input_shape
        self._tolerance = tolerance
        values = {name: float(value) for name, value in named_hyper(net).items()}
        self._names = tuple(name for name, value in values.items() if value > 0)
        for name in self._names:
            rule = constraint or gpytorch.constraints.Positive()
            raw = rule.inverse_transform(torch.tensor(values[name]))
            self.register_parameter(_raw(name), torch.nn.Parameter(raw))
            self.register_constraint(_raw(name), rule)

    @property
    def hyper(self) -> dict[str, torch.Tensor]:
        """The hyper-parameters by their names, behind their constraints."""
        return {name: self._value(_raw(name)) for name in self._names}

    @property
    def net(self) -> Layer:
        """The network with the hyper-parameters as they are now."""
        return with_hyper(self._net, {name: value.item() for name, value in self.hyper.items()})

    def forward(
        self, x1: torch.Tensor, x2: torch.Tensor, diag: bool = False, **_: Any
    ) -> torch.Tensor:
        """The kernel (..., n1, n2) of inputs (..., n, d), or its diagonal (..., n)."""
        values = [value.to(x1) for value in self.hyper.values()]
        values = torch.stack(values) if values else x1.new_zeros(0)
        return _Bridge.apply(self._job(x1, diag), self._tolerance, values, x1, x2)

    def _job(self, x: torch.Tensor, diag: bool) -> dict[str, Any]:
        shape = self._input_shape or x.shape[-1:]
        if prod(shape) != x.shape[-1]:
            raise ValueError(
                f"inputs have {x.shape[-1]} numbers each, and input_shape={shape} asks for {prod(shape)}."
            )
        return {
            "net": self._net, "kind": self._kind, "names": self._names, "shape": tuple(shape),
            "diag": diag,
        }  # fmt: skip

    def _value(self, raw: str) -> torch.Tensor:
        return self.constraint_for_parameter_name(raw).transform(getattr(self, raw))


class NNGPKernel(_NetworkKernel):
    r"""The covariance :math:`K(x, x') = E[f(x) f(x')]` of an infinitely wide network at initialisation."""

    _kind = "nngp"


class NTKKernel(_NetworkKernel):
    r"""The tangent kernel :math:`\Theta(x, x')` of an infinitely wide network."""

    _kind = "ntk"


class _Bridge(torch.autograd.Function):
    """Values and cotangents go to JAX and come back."""

    @staticmethod
    def forward(
        ctx: Any, job: dict[str, Any], tolerance: float, *arrays: torch.Tensor
    ) -> torch.Tensor:
        def attempt(order: int) -> tuple[torch.Tensor, torch.Tensor]:
            found, error = _run(_evaluate, {**job, "order": order}, *arrays)
            return found, error

        found, order = lowest_order(attempt, tolerance)
        ctx.job = {**job, "order": order}
        ctx.save_for_backward(*arrays)
        return found

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, cotangent: torch.Tensor) -> tuple[Any, ...]:
        return None, None, *_run(_pull_back, ctx.job, *ctx.saved_tensors, cotangent)


def _run(function: Any, job: dict[str, Any], *arrays: torch.Tensor) -> list[torch.Tensor]:
    """Call a JAX function in the precision of the tensors."""
    like = arrays[-1]
    with precision(str(like.dtype).removeprefix("torch.")):
        found = function(*(array.detach().cpu().numpy() for array in arrays), **job)
    return [torch.as_tensor(np.array(array)).to(like) for array in found]


@functools.partial(jax.jit, static_argnames=("kind", "names", "shape", "diag", "order"))
def _evaluate(
    values: jax.Array, x1: jax.Array, x2: jax.Array, *, net: Layer, kind: str,
    names: tuple[str, ...], shape: tuple[int, ...], diag: bool, order: int,
) -> tuple[jax.Array, jax.Array]:  # fmt: skip
    """The kernel, and how far it may be off."""
    now = with_hyper(net, dict(zip(names, values, strict=True)))

    def matrix(x1: jax.Array, x2: jax.Array) -> tuple[jax.Array, jax.Array]:
        state = output_state(now, x1.reshape(-1, *shape), x2.reshape(-1, *shape), order)
        return getattr(state, kind), error_of(state.bound, ntk=kind == "ntk")

    def element(x1: jax.Array, x2: jax.Array) -> tuple[jax.Array, jax.Array]:
        found, error = matrix(x1, x2)
        return found[0, 0], error

    if diag:
        found, error = jnp.vectorize(element, signature="(d),(d)->(),()")(x1, x2)
    else:
        found, error = jnp.vectorize(matrix, signature="(n,d),(m,d)->(n,m),()")(x1, x2)
    return found, jnp.max(error)


@functools.partial(jax.jit, static_argnames=("kind", "names", "shape", "diag", "order"))
def _pull_back(
    values: jax.Array, x1: jax.Array, x2: jax.Array, cotangent: jax.Array, **job: Any
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """What a cotangent of the kernel is for the hyper-parameters and for both sets of inputs."""
    return jax.vjp(lambda *arrays: _evaluate(*arrays, **job)[0], values, x1, x2)[1](cotangent)


def _raw(name: str) -> str:
    return f"raw_net__{name}"
