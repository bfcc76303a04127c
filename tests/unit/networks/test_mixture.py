import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks.mixture import Part, mixture, mixture_along


def test_a_mixture_adds_covariances(double):
    rng = np.random.default_rng(0)
    parts = [Part(rng.random((4, 1)), rng.random((1, 3)), 2 * rng.random((4, 3))) for _ in range(3)]
    q1, q2, delta = mixture(parts)
    expected = sum(np.sqrt(p.q1 * p.q2) * (1 - p.delta) for p in parts)
    np.testing.assert_allclose(jnp.sqrt(q1 * q2) * (1 - delta), expected, rtol=1e-13, atol=1e-14)


def test_a_mixture_along_an_axis_is_that_of_its_slices(double):
    rng = np.random.default_rng(0)
    whole = Part(rng.random((4, 1, 5)), rng.random((1, 3, 5)), 2 * rng.random((4, 3, 5)))
    slices = [Part(*(x[..., i] for x in whole)) for i in range(5)]
    for found, expected in zip(mixture_along(whole, (2,)), mixture(slices), strict=True):
        np.testing.assert_allclose(found[..., 0], expected, rtol=1e-13)


def test_a_single_part_keeps_its_delta_to_the_bit(double):
    delta = jnp.array([[0.0, 1e-17, 0.3, 2.0]])
    for q in (1e-30, 0.1, 3.7):
        assert np.all(
            mixture([Part(jnp.full((1, 1), q), jnp.full((1, 4), 0.3), delta)])[2] == delta
        )


def test_small_differences_keep_their_digits(double):
    part = Part(jnp.ones((1, 1)), jnp.ones((1, 1)), jnp.full((1, 1), 1e-30))
    assert mixture([part, Part(0.5, 0.5, 0)])[2][0, 0] == pytest.approx(1e-30 / 1.5)


def test_parts_that_vanish_are_no_nan(double):
    zero = Part(jnp.zeros((1, 1)), jnp.zeros((1, 1)), jnp.ones((1, 1)))
    slope = jax.grad(lambda b: mixture([zero, Part(b, b, 0)])[0].sum())(1.0)
    assert slope == 1
    assert np.isfinite(mixture([zero])[2]).all()


def test_variances_that_differ_by_rounding_are_those_of_one_input(double):
    """Else a kink behind the mixture makes the square root of their difference."""
    q = jnp.linspace(0.1, 0.9, 50)
    near = jnp.nextafter(q, 1.0)
    parts = [Part(q, near, 0.0), Part(near, q, 0.0)]
    assert np.all(mixture(parts)[2] == 0)


def test_opposite_parts_are_opposite_together(double):
    rng = np.random.default_rng(0)
    q = jnp.asarray(rng.random((200, 7)))
    assert np.all(mixture_along(Part(q, q, 2.0), (1,))[2] == 2)
