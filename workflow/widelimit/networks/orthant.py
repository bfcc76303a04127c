r"""Moments of pairs of Gaussians where both are positive, from their covariance C.

With :math:`\sigma_i^2 = C_{ii}`, :math:`C_{ij} = \sigma_i \sigma_j \cos\theta_{ij}` and
:math:`\phi(y) = \max(y, 0)`,

.. math:: P_{ij} = E[\phi'(y_i)\,\phi'(y_j)] = \frac{\pi - \theta_{ij}}{2\pi}, \qquad
          A_{ij} = E[\phi(y_i)\,\delta(y_j)] = \frac{\sigma_i}{\sigma_j} \frac{\sin\theta_{ij}}{2\pi}, \qquad
          F_{ij} = E[\phi(y_i)\,\phi(y_j)] = \tfrac12 \sigma_i \sigma_j\, \kappa_1(\theta_{ij})

(Cho and Saul 2009), where δ is Dirac's and :math:`\kappa_1` is of `activations.arccosine`. They give all
moments with further components of y by partial integration (Stein), :math:`E[y_k f] = \sum_l C_{kl} E[\partial_l f]`:

.. math:: E[\phi'(y_i)\,\phi(y_j)\, y_k] &= P_{ij} C_{jk} + A_{ji} C_{ik}, \\
          E[\phi(y_i)\,\phi(y_j)\, y_k y_l] &= F_{ij} C_{kl} + P_{ij} (C_{ik} C_{jl} + C_{jk} C_{il})
          + A_{ji} C_{ik} C_{il} + A_{ij} C_{jk} C_{jl} .
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from widelimit.networks.activations.arccosine import kappa0, one_minus_kappa
from widelimit.networks.rounding import corrected
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["Orthant", "orthant"]


class Orthant(NamedTuple):
    """Moments of all pairs, arrays of the shape of the covariance.

    Attributes:
        both: P, symmetric.
        edge: A; zero on the diagonal.
        product: F, symmetric.
    """

    both: jax.Array
    edge: jax.Array
    product: jax.Array


def orthant(c: jax.Array, same: jax.Array, positive: jax.Array) -> Orthant:
    """The moments of Gaussians of covariance ``c``.

    Args:
        c: covariance, shape (n, n).
        same: pairs that are the same variable, the diagonal included, shape (n, n): rounding errors would
            make an angle of them.
        positive: variables that are not always zero, shape (n,); the others are nowhere positive.
    """
    sigma = safe_sqrt(jnp.diagonal(c))
    scale = jnp.outer(sigma, sigma)
    raw = 1 - safe_ratio(c, scale)
    delta = corrected(raw, jnp.where(same, 0, jnp.clip(raw, 0, 2)))
    pairs = jnp.outer(positive, positive)
    sine = safe_sqrt(delta * (2 - delta))
    edge = safe_ratio(sigma[:, None], sigma[None, :]) * sine / (2 * jnp.pi)
    product = scale * (1 - one_minus_kappa(1, delta)) / 2
    return Orthant(*(jnp.where(pairs, x, 0) for x in (kappa0(delta) / 2, edge, product)))
