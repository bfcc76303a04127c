"""Polynomials for angles are as good as the arctangent of the system's library."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks.activations.angle import angle
from widelimit.networks.activations.arccosine import one_minus_kappa0


def rounding_errors(found, exact):
    """The largest relative error, in units of the rounding of the numbers found."""
    found = np.asarray(found)
    return np.max(np.abs(found - exact) / exact) / np.finfo(found.dtype).eps


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_angles_of_the_upper_half_plane(double, rng, dtype):
    theta = np.concatenate([rng.uniform(0, np.pi, 100_000), np.geomspace(1e-12, 1, 1000)])
    y, x = np.sin(theta).astype(dtype), np.cos(theta).astype(dtype)
    exact = np.arctan2(y.astype(np.longdouble), x.astype(np.longdouble))
    assert rounding_errors(jax.jit(angle)(y, x), exact) < 4


def test_the_angle_at_the_origin_is_zero_and_has_no_slope():
    zero = jnp.zeros(())
    assert angle(zero, zero) == 0
    assert jax.grad(angle, argnums=(0, 1))(zero, zero) == (0, 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_angles_from_one_minus_their_cosine(double, rng, dtype):
    delta = np.concatenate([rng.uniform(0, 1, 100_000), np.geomspace(1e-12, 1, 1000)]).astype(dtype)
    exact = 2 * np.arcsin(np.sqrt(delta.astype(np.longdouble) / 2)) / np.arccos(np.longdouble(-1))
    assert rounding_errors(jax.jit(one_minus_kappa0)(delta), exact) < 4
