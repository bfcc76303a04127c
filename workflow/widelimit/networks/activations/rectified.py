"""Rectified activations: homogeneous, so their duals are arc-cosine functions of the angle alone."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.activations.arccosine import kappa0, odd_factorial, one_minus_kappa
from widelimit.networks.layer import hyper, layer
from widelimit.networks.rounding import clipped
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["ABRelu", "Abs", "LeakyRelu", "RectifiedMonomial", "Relu"]


class _PiecewiseLinear(Activation):
    r""":math:`\phi(z) = a \min(z, 0) + b \max(z, 0)`, with :math:`(a, b)` from ``slopes``.

    .. math:: E[\phi\phi] = \sqrt{q_1 q_2}\,\Big[a b\, c + \tfrac{(b - a)^2}{2}\kappa_1(c)\Big], \qquad
              E[\phi'\phi'] = a b + \tfrac{(b - a)^2}{2}\kappa_0(c).
    """

    @property
    def slopes(self) -> tuple[jax.Array | float, jax.Array | float]:
        """The slopes on the negative and on the positive side."""
        raise NotImplementedError

    def __call__(self, z: jax.Array) -> jax.Array:
        a, b = self.slopes
        return jnp.where(z > 0, b * z, a * z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        a, b = self.slopes
        gain, rectified = (a**2 + b**2) / 2, (b - a) ** 2 / 2
        new = a * b * delta + rectified * one_minus_kappa(1, delta)
        new = safe_ratio(new, gain, otherwise=delta)
        return Dual(gain * q1, gain * q2, clipped(new), a * b + rectified * kappa0(delta))


@layer
class ABRelu(_PiecewiseLinear):
    r""":math:`\phi(z) = a \min(z, 0) + b \max(z, 0)`.

    Args:
        a, b: slopes on the negative and on the positive side.
    """

    a: float = hyper(default=0.0)
    b: float = hyper(default=1.0)

    @property
    def slopes(self) -> tuple[jax.Array | float, jax.Array | float]:
        return self.a, self.b


@layer
class LeakyRelu(_PiecewiseLinear):
    r""":math:`\phi(z) = \max(z, 0) + \alpha \min(z, 0)`.

    Args:
        slope: :math:`\alpha`, the slope on the negative side.
    """

    slope: float = hyper(default=0.01)

    @property
    def slopes(self) -> tuple[jax.Array | float, jax.Array | float]:
        return self.slope, 1.0


@layer
class Abs(_PiecewiseLinear):
    r""":math:`\phi(z) = |z|`."""

    @property
    def slopes(self) -> tuple[jax.Array | float, jax.Array | float]:
        return -1.0, 1.0


@layer
class Relu(Activation):
    r""":math:`\phi(z) = \max(z, 0)`.

    .. math:: E[\phi\phi] = \tfrac12 \sqrt{q_1 q_2}\,\kappa_1(c), \qquad
              E[\phi'\phi'] = \tfrac12 \kappa_0(c)

    (Cho and Saul 2009). At a zero pre-activation the finite network's derivative is 0.
    """

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.relu(z)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        return Dual(q1 / 2, q2 / 2, one_minus_kappa(1, delta), kappa0(delta) / 2)


@layer
class RectifiedMonomial(Activation):
    r""":math:`\phi(z) = \max(z, 0)^n` with :math:`n \ge 1`; `Heaviside` is the case :math:`n = 0`.

    .. math:: E[\phi\phi] = \tfrac{(2n-1)!!}{2} (q_1 q_2)^{n/2} \kappa_n(c), \qquad
              E[\phi'\phi'] = n^2 \tfrac{(2n-3)!!}{2} (q_1 q_2)^{(n-1)/2} \kappa_{n-1}(c)

    (arc-cosine kernel of order n, Cho and Saul 2009).

    Args:
        degree: n.
    """

    degree: int

    def __post_init__(self) -> None:
        if self.degree < 1:
            raise ValueError(
                f"RectifiedMonomial got degree {self.degree}, expected at least 1; the step of degree "
                "0 is Heaviside."
            )

    def __call__(self, z: jax.Array) -> jax.Array:
        return jax.nn.relu(z) ** self.degree

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        n = self.degree
        scale = safe_sqrt(q1) * safe_sqrt(q2)
        below = kappa0(delta) if n == 1 else 1 - one_minus_kappa(n - 1, delta)
        moment, lower = odd_factorial(n) / 2, odd_factorial(n - 1) / 2
        return Dual(
            moment * q1**n, moment * q2**n, one_minus_kappa(n, delta),
            n**2 * lower * scale ** (n - 1) * below,
        )  # fmt: skip
