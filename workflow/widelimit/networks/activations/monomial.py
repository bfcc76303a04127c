"""Powers: polynomial activations, whose kernels have finite rank."""

from __future__ import annotations

from math import comb, factorial, prod

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.covariance import safe_sqrt
from widelimit.networks.layer import layer

__all__ = ["Monomial"]


@layer
class Monomial(Activation):
    r""":math:`\phi(z) = z^d`.

    By the Hermite expansion :math:`z^d = \sum_j a_{dj} \mathrm{He}_j(z)` at unit variance,

    .. math:: E[u^d v^d] = (q_1 q_2)^{d/2} \sum_{j \equiv d\,(2)} a_{dj}^2\, j!\, c^j, \qquad
              a_{dj} = \frac{d!}{j!\,((d-j)/2)!\,2^{(d-j)/2}},

    and :math:`E[\phi'\phi'] = d^2 E[u^{d-1} v^{d-1}]`. A polynomial activation breaks the premise of
    universality: its kernel has finite rank.

    Args:
        degree: :math:`d \ge 1`.
    """

    degree: int

    def __post_init__(self) -> None:
        if self.degree < 1:
            raise ValueError(f"Monomial got degree {self.degree}, expected at least 1.")

    def __call__(self, z: jax.Array) -> jax.Array:
        return z**self.degree

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        c = 1 - delta
        weights = _weights(self.degree)
        moment = prod(range(1, 2 * self.degree, 2))  # E z^{2d} at unit variance
        # 1 - c^j = (1 - c)(1 + c + … + c^{j-1})
        fall = sum(w * sum(c**i for i in range(j)) for j, w in weights.items())
        scale = safe_sqrt(q1)[:, None] * safe_sqrt(q2)[None, :]
        dot = self.degree**2 * sum(w * c**j for j, w in _weights(self.degree - 1).items())
        return Dual(
            moment * q1**self.degree,
            moment * q2**self.degree,
            jnp.clip(delta * fall / moment, 0, 2),
            scale ** (self.degree - 1) * dot,
        )


def _weights(degree: int) -> dict[int, int]:
    """The coefficient of c^j in E[u^d v^d] at unit variance, for each j of d's parity."""
    weights = {}
    for j in range(degree % 2, degree + 1, 2):
        half = (degree - j) // 2
        a = comb(degree, j) * factorial(degree - j) // (factorial(half) * 2**half)
        weights[j] = a**2 * factorial(j)
    return weights
