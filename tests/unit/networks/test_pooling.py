import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks import AvgPool, Covariance, GlobalAvgPool, GlobalSumPool, SumPool


@pytest.fixture
def images():
    return jax.random.normal(jax.random.key(0), (3, 4, 6, 2))


def test_pooled_covariances_are_those_of_pooled_inputs(double, images):
    """Pooling is linear: pool the covariance, or take the covariance of what was pooled."""
    for pool in (
        AvgPool((2, 3), (2, 1)),
        AvgPool((2, 2), padding="SAME", normalize_edges=True),
        SumPool((3, 2), 2, padding="CIRCULAR"),
        GlobalAvgPool(),
        GlobalSumPool(),
    ):
        state = pooled_state(pool, images)
        pooled = pool.apply((), images)
        expected = paired(pooled, pooled[:2])
        np.testing.assert_allclose(state.nngp, expected.nngp, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(state.q1, expected.q1, rtol=1e-10)
        assert (state.within is None) == (expected.within is None)


@jax.jit
def paired(x1, x2):
    return Covariance.of_inputs(x1, x2, pairs=True)


@jax.jit
def pooled_state(pool, images):
    return pool.propagate(paired(images, images[:2]))


def test_identical_images_stay_identical(double, images):
    state = GlobalAvgPool().propagate(paired(images, images))
    assert np.all(jnp.diag(state.delta) == 0)
    state = GlobalAvgPool().propagate(paired(images, -images))
    assert np.all(jnp.diag(state.delta) == 2)


def test_edges_count_the_cells_inside():
    ones = jnp.ones((1, 3, 3, 1))
    plain = AvgPool((2, 2), padding="SAME").apply((), ones)[0, :, :, 0]
    assert plain.tolist() == [[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 0.25]]
    edges = AvgPool((2, 2), padding="SAME", normalize_edges=True).apply((), ones)
    assert np.all(edges == 1)


def test_what_does_not_fit_is_refused(images):
    with pytest.raises(ValueError, match="make the state with pairs=True"):
        GlobalAvgPool().propagate(Covariance.of_inputs(images, images))
    with pytest.raises(ValueError, match=r"AvgPool with a window of shape \(2,\)"):
        AvgPool((2,)).apply((), images)
