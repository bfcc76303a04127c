"""The error function, and the sigmoid made from it."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from widelimit.networks.activations.activation import Activation, Dual, dual_from_fall
from widelimit.networks.activations.arcsine import (
    arcsine_at_one,
    arcsine_of_variance,
    arcsine_terms,
)
from widelimit.networks.layer import hyper, layer
from widelimit.networks.mixture import Part, mixture

__all__ = ["Erf", "SigmoidLike"]


class _ErrorFunction(Activation):
    r""":math:`\phi(z) = a\,\mathrm{erf}(b z) + c`, with :math:`(a, b, c)` from ``curve`` (Williams 1997).

    .. math:: E[\phi\phi] = \frac{2 a^2}{\pi} \arcsin \frac{k}{\sqrt{(q_1 + s)(q_2 + s)}} + c^2, \qquad
              E[\phi'\phi'] = \frac{2 a^2}{\pi} \frac{1}{\sqrt{(q_1 + s)(q_2 + s) - k^2}}, \qquad
              s = \frac{1}{2 b^2}.
    """

    @property
    def curve(self) -> tuple[jax.Array | float, jax.Array | float, jax.Array | float]:
        """Height, steepness and offset."""
        raise NotImplementedError

    def __call__(self, z: jax.Array) -> jax.Array:
        height, steepness, offset = self.curve
        return height * jax.scipy.special.erf(steepness * z) + offset

    def dual(self, q1: jax.Array, q2: jax.Array, delta: jax.Array) -> Dual:
        height, steepness, offset = self.curve
        q1, q2 = steepness**2 * q1, steepness**2 * q2
        terms = arcsine_terms(q1, q2, delta, offset=0.5)
        scale = 2 * height**2 / jnp.pi

        def at_one(root1: jax.Array, root2: jax.Array) -> jax.Array:
            return scale * arcsine_at_one(root1, root2, 0.5)[-1]

        odd = dual_from_fall(
            at_one,
            variances=(q1, q2),
            q1=scale * arcsine_of_variance(q1, 0.5),
            q2=scale * arcsine_of_variance(q2, 0.5),
            fall=scale * terms.fall,
            dot=scale * steepness**2 / terms.scale / terms.sin_k,
        )
        # The offset is a field of its own: erf is odd, so that the two are uncorrelated.
        q1, q2, delta = mixture([Part(*odd[:3]), Part(offset**2, offset**2, 0)])
        return Dual(q1, q2, delta, odd.dot)


@layer
class Erf(_ErrorFunction):
    r""":math:`\phi(z) = a\,\mathrm{erf}(b z) + c`.

    Args:
        a, b, c: height, steepness and offset.
    """

    a: float = hyper(default=1.0)
    b: float = hyper(default=1.0)
    c: float = hyper(default=0.0)

    @property
    def curve(self) -> tuple[jax.Array | float, jax.Array | float, jax.Array | float]:
        return self.a, self.b, self.c


@layer
class SigmoidLike(_ErrorFunction):
    r""":math:`\phi(z) = \tfrac12 + \tfrac12 \mathrm{erf}(z/2.4020563531719796)`, within 0.018 of the sigmoid.

    It has a closed form; `Sigmoid` is the logistic function itself, by a series.
    """

    @property
    def curve(self) -> tuple[jax.Array | float, jax.Array | float, jax.Array | float]:
        return 0.5, 1 / 2.4020563531719796, 0.5
