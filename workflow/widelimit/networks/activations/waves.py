r"""Sine waves, and the random-feature activation whose kernel is Gaussian."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual, dual_from_fall
from widelimit.networks.layer import hyper, layer
from widelimit.networks.rounding import apart
from widelimit.networks.safe import safe_sqrt

__all__ = ["Cos", "Rbf", "Sin"]


class _Wave(Activation):
    r""":math:`\phi(z) = a \sin(b z + p)`, with :math:`(a, b, p)` from ``wave``.

    .. math:: E[\phi\phi] = \tfrac{a^2}{2} \Big[e^{-b^2 (q_1 + q_2 - 2k)/2} - \cos(2p)\,
                  e^{-b^2 (q_1 + q_2 + 2k)/2}\Big], \qquad
              E[\phi'\phi'] = \tfrac{a^2 b^2}{2} \Big[e^{-b^2 (q_1 + q_2 - 2k)/2} + \cos(2p)\,
                  e^{-b^2 (q_1 + q_2 + 2k)/2}\Big],

    from :math:`\sin u \sin v = \frac12[\cos(u-v) - \cos(u+v)]` and
    :math:`E\cos z = e^{-\mathrm{Var} z/2}`. The exponents are joined before exponentiating, so that
    large variances do not overflow.
    """

    @property
    def wave(self) -> tuple[jax.Array | float, jax.Array | float, jax.Array | float]:
        """Amplitude, frequency and phase."""
        raise NotImplementedError

    def __call__(self, z: jax.Array) -> jax.Array:
        amplitude, frequency, phase = self.wave
        return amplitude * jnp.sin(frequency * z + phase)

    def variance(self, root: jax.Array) -> jax.Array:
        """Second moment on a field of this standard deviation."""
        half, frequency, offset = self._halves
        return half * (offset - (1 - offset) * jnp.expm1(-2 * (frequency * root) ** 2))

    def at_one(self, root1: jax.Array, root2: jax.Array) -> jax.Array:
        """Second moment of fields that are the same but for their standard deviations."""
        half, frequency, offset = self._halves
        minus, plus = _exponents(frequency, root1, root2)
        return half * (offset + jnp.expm1(minus) - (1 - offset) * jnp.expm1(plus))

    @property
    def _halves(self) -> tuple[jax.Array | float, jax.Array | float, jax.Array | float]:
        """a²/2, b, and 1 - cos 2p."""
        amplitude, frequency, phase = self.wave
        return amplitude**2 / 2, frequency, 2 * jnp.sin(phase) ** 2

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        half, frequency, offset = self._halves
        root1, root2 = safe_sqrt(q1), safe_sqrt(q2)
        dropped = frequency**2 * root1 * root2 * delta  # b² (√(q1 q2) - k)
        minus, plus = _exponents(frequency, root1, root2)
        mirror = 1 - offset
        fall = -jnp.exp(minus) * jnp.expm1(-dropped) + mirror * _scaled_expm1(plus, dropped)
        dot = jnp.exp(minus - dropped) + mirror * jnp.exp(plus + dropped)
        return dual_from_fall(
            self.at_one, (q1, q2), self.variance(root1), self.variance(root2), half * fall,
            half * frequency**2 * dot,
        )  # fmt: skip


@layer
class Sin(_Wave):
    r""":math:`\phi(z) = a \sin(b z + c)`.

    Args:
        a, b, c: amplitude, frequency and phase.
    """

    a: float = hyper(default=1.0)
    b: float = hyper(default=1.0)
    c: float = hyper(default=0.0)

    @property
    def wave(self) -> tuple[jax.Array | float, jax.Array | float, jax.Array | float]:
        return self.a, self.b, self.c


@layer
class Cos(_Wave):
    r""":math:`\phi(z) = a \cos(b z + c)`.

    Args:
        a, b, c: amplitude, frequency and phase.
    """

    a: float = hyper(default=1.0)
    b: float = hyper(default=1.0)
    c: float = hyper(default=0.0)

    @property
    def wave(self) -> tuple[jax.Array | float, jax.Array | float, jax.Array | float]:
        return self.a, self.b, self.c + jnp.pi / 2


@layer
class Rbf(Activation):
    r""":math:`\phi(z) = \sqrt2 \sin(\sqrt{2\gamma} z + \pi/4)`, whose dual is the Gaussian kernel.

    .. math:: E[\phi\phi] = e^{-\gamma (q_1 + q_2 - 2k)}, \qquad E[\phi'\phi'] = 2\gamma E[\phi\phi]

    (Rahimi and Recht 2007): on inputs, :math:`q_1 + q_2 - 2k` is their squared distance.

    Args:
        gamma: :math:`\gamma > 0`.
    """

    gamma: float = hyper(default=1.0)

    def __call__(self, z: jax.Array) -> jax.Array:
        return jnp.sqrt(2.0) * jnp.sin(jnp.sqrt(2 * self.gamma) * z + jnp.pi / 4)

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        root1, root2 = safe_sqrt(q1), safe_sqrt(q2)
        exponent = self.gamma * (apart(root1, root2) ** 2 + 2 * root1 * root2 * delta)
        one = jnp.ones_like
        return Dual(one(q1), one(q2), -jnp.expm1(-exponent), 2 * self.gamma * jnp.exp(-exponent))


def _exponents(
    frequency: jax.Array | float, root1: jax.Array, root2: jax.Array
) -> tuple[jax.Array, jax.Array]:
    r""":math:`\log E\cos(b (r_1 \mp r_2) z)`."""
    half = frequency**2 / 2
    return -half * apart(root1, root2) ** 2, -half * (root1 + root2) ** 2


def _scaled_expm1(exponent: jax.Array, x: jax.Array) -> jax.Array:
    """exp(exponent) (exp(x) - 1) for x ≥ 0 without overflow and, at small x, without cancellation."""
    large = jnp.exp(exponent + x) - jnp.exp(exponent)
    return jnp.where(x < 1, jnp.exp(exponent) * jnp.expm1(jnp.minimum(x, 1)), large)
