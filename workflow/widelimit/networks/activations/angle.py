"""The angle of a point in the upper half-plane."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks.activations.interpolation import interpolated

__all__ = ["angle", "arctangent_over_root"]


@jax.custom_jvp
def angle(y: jax.Array, x: jax.Array) -> jax.Array:
    r"""``arctan2(y, x)`` for :math:`y \ge 0`, in :math:`[0, \pi]`; zero at the origin.

    From :math:`\arctan(t)/t` as a polynomial in :math:`t^2 \le 1`, with the shorter side over the longer one.
    """
    width = jnp.abs(x)
    longer = jnp.maximum(y, width)
    t = jnp.minimum(y, width) / jnp.where(longer > 0, longer, 1)
    small = t * interpolated(arctangent_over_root, t * t)
    acute = jnp.where(y > width, jnp.pi / 2 - small, small)
    return jnp.where(x < 0, jnp.pi - acute, acute)


@angle.defjvp
def _(primals, tangents):
    (y, x), (dy, dx) = primals, tangents
    square = y * y + x * x
    return angle(y, x), (x * dy - y * dx) / jnp.where(square > 0, square, 1)


def arctangent_over_root(w: np.ndarray) -> np.ndarray:
    r""":math:`\arctan(\sqrt w)/\sqrt w`, which has its singularity at -1."""
    return np.arctan(np.sqrt(w)) / np.sqrt(w)
