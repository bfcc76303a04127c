"""Batch normalisation beside quadrature on the sphere, closed forms and draws of Gaussians."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit import kernels, tangents
from widelimit import networks as nets
from widelimit.networks import BatchNormRelu, Covariance, Dense, Serial

FIRST = Serial(Dense(4, 1.3, 0.2), BatchNormRelu())


@jax.jit
def behind(k, theta):
    """Both kernels behind the layer for those in front."""
    q = jnp.diagonal(k)
    q1, q2 = q[:, None], q[None, :]
    delta = 1 - k / jnp.sqrt(q1 * q2)
    delta = jnp.where(jnp.eye(len(k), dtype=bool), 0, delta)
    state = BatchNormRelu().propagate(Covariance(q1, q2, delta, theta, gaussian=True, batch=True))
    return state.nngp, state.ntk


def positive_definite(rng, scales):
    root = rng.standard_normal((len(scales), len(scales))) * scales
    return root @ root.T


def centring(n):
    return np.eye(n) - 1 / n


def integrand(x, theta, i, j):
    """What the layer averages, without the steps: both kernels for fields x of shape (..., n)."""
    n, norm = x.shape[-1], np.linalg.norm(x, axis=-1)
    unit = x / norm[..., None]
    rows = (np.eye(n)[k] - unit[..., [k]] * unit for k in (i, j))
    left, right = (row @ centring(n) for row in rows)
    slopes = np.sum(left @ theta * right, axis=-1)
    return n * unit[..., i] * unit[..., j], n * slopes / norm**2


def on_the_sphere(k, theta, i, j, order=120):
    """For four samples, x is L g with g in three dimensions, where E |g|^-2 = 1: an average over directions.

    With the axis at right angles to both rows of L, both are positive between two meridians.
    """
    values, vectors = np.linalg.eigh(centring(4) @ k @ centring(4))
    root = vectors[:, 1:] * np.sqrt(values[1:])
    e1 = root[i] / np.linalg.norm(root[i])
    other = root[j] if i != j else np.cross(e1, [0.3, -0.5, 0.8])
    e2 = other - other @ e1 * e1
    e2 /= np.linalg.norm(e2)
    angle = 0.0 if i == j else np.arctan2(root[j] @ e2, root[j] @ e1)
    points, weights = np.polynomial.legendre.leggauss(order)
    width = (np.pi - angle) / 2
    azimuth, z = np.meshgrid(angle / 2 + width * points, points, indexing="ij")
    plane = np.cos(azimuth)[..., None] * e1 + np.sin(azimuth)[..., None] * e2
    g = np.sqrt(1 - z**2)[..., None] * plane + z[..., None] * np.cross(e1, e2)
    density = np.outer(width * weights, weights) / (4 * np.pi)
    return [np.sum(density * part) for part in integrand(g @ root.T, theta, i, j)]


@pytest.mark.parametrize("scales", [np.ones(4), np.array([1, 0.2, 2, 1])])
def test_four_samples_agree_with_quadrature(double, rng, scales):
    k, theta = positive_definite(rng, scales), positive_definite(rng, np.ones(4))
    pairs = [[on_the_sphere(k, theta, i, j) for j in range(4)] for i in range(4)]
    for found, expected in zip(behind(k, theta), np.moveaxis(pairs, -1, 0), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10 * np.abs(expected).max())


def test_more_samples_agree_with_draws(double, rng):
    n, draws = 8, 100_000
    k, theta = (positive_definite(rng, np.ones(n)) for _ in range(2))
    x = rng.multivariate_normal(np.zeros(n), k, draws, method="cholesky") @ centring(n)
    found = behind(k, theta)
    for i, j in [(0, 0), (1, 1), (0, 1), (2, 5), (7, 3)]:
        both = (x[:, i] > 0) & (x[:, j] > 0)
        for kernel, part in zip(found, integrand(x, theta, i, j), strict=True):
            error = np.std(both * part) / draws**0.5
            assert abs(kernel[i, j] - np.mean(both * part)) < 4.5 * error


def of_equal_distances(n):
    """Kernels for the identity: x/|x| is uniform on a sphere, and independent of |x|, so that E |x|^-2 = 1/(n-3)."""
    c = np.where(np.eye(n), 1, -1 / (n - 1))
    angle = np.arccos(c)
    nngp = (np.sin(angle) + (np.pi - angle) * c) / (2 * np.pi)
    return nngp, n / (n - 3) * (centring(n) * (np.pi - angle) / (2 * np.pi) - nngp / n)


def test_samples_at_equal_distances(double):
    for n in (4, 8):
        for found, expected in zip(
            behind(jnp.eye(n), jnp.eye(n)), of_equal_distances(n), strict=True
        ):
            np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.thorough
def test_gradients(double, rng):
    """Beside differences; and finite where all eigenvalues are the same."""
    x, direction, weights = rng.standard_normal((3, 5, 5))

    @jax.jit
    @jax.value_and_grad
    def total(x):
        return sum(jnp.sum(weights * kernel) for kernel in kernels.function(FIRST)(FIRST.hyper, x))

    step = 1e-5 * direction
    difference = (total(x + step)[0] - total(x - step)[0]) / 2e-5
    np.testing.assert_allclose(np.sum(total(x)[1] * direction), difference, rtol=1e-6)
    assert np.all(np.isfinite(total(np.eye(5))[1]))


def test_kernels_are_symmetric_and_know_neither_scale_nor_shift(rng, tmp_path):
    x = rng.standard_normal((7, 5))
    x[6] = x[2]
    found = kernels.compute(FIRST, x)
    larger = kernels.compute(FIRST, 3 * x, tile=100)
    moved = kernels.compute(FIRST, x + rng.standard_normal(5))
    stored = kernels.compute(FIRST, x, out=tmp_path / "kernel")
    for name, kernel in found._asdict().items():
        assert np.array_equal(kernel, kernel.T)
        assert np.array_equal(kernel[2], kernel[6])  # the same sample
        assert np.array_equal(kernel, stored[name].values)
        np.testing.assert_allclose(getattr(larger, name), kernel, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(getattr(moved, name), kernel, rtol=1e-12, atol=1e-13)


def test_two_samples_are_one_up_and_one_down(rng):
    x = rng.standard_normal((2, 5))
    found = kernels.compute(FIRST, x, get="nngp", dtype="float32")
    np.testing.assert_allclose(found, np.eye(2) / 2, atol=1e-6)


def test_the_finite_layer(double, rng):
    x = rng.standard_normal((6, 3)) * [1, 5, 0] + 2
    out = BatchNormRelu().apply((), jnp.asarray(x))
    expected = (x - x.mean(axis=0))[:, :2] / x.std(axis=0)[:2]
    np.testing.assert_allclose(out[:, :2], np.maximum(expected, 0), rtol=1e-12)
    assert np.all(out[:, 2] == 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"x2": np.ones((7, 4))}, "x2 is given, but the network couples"),
        ({"diagonal": True}, "diagonal is True, but the network couples"),
        ({"tile": 6}, r"tile is \(6, 6\) for 7 samples"),
    ],
)
def test_the_driver_refuses_parts_of_a_batch(arguments, said):
    nested = Serial(nets.Frozen(nets.Residual(FIRST, Dense(4))), Dense(1))
    with pytest.raises(ValueError, match=said):
        kernels.compute(nested, np.ones((7, 4)), **arguments)


@pytest.mark.parametrize(
    ("layers", "shape", "said"),
    [
        ((Dense(4), nets.Relu(), BatchNormRelu()), (5, 4), "not Gaussian"),
        ((nets.Conv(4, (2,)), BatchNormRelu()), (5, 4, 2), "1 axes of positions"),
        ((Dense(4), nets.Tanh(), Dense(4), BatchNormRelu()), (5, 4), "not bounded"),
        ((Dense(4), BatchNormRelu()), (3, 4), "batch of 3 samples, expected at least 4"),
        (
            (Dense(4), nets.Dropout(0.2, masked=True), Dense(4), BatchNormRelu()),
            (5, 4),
            "Dropout.*in front",
        ),
        (
            (
                *(Dense(4), nets.FanOut(2)),
                nets.Parallel(
                    Dense(4), Serial(nets.Relu(), nets.Dropout(0.2, masked=True), Dense(4))
                ),
                *(nets.FanInSum(), BatchNormRelu()),
            ),
            (5, 4),
            "Dropout.*in front",
        ),
    ],
)
def test_states_without_a_kernel_are_refused(layers, shape, said):
    with pytest.raises(ValueError, match=said):
        jax.eval_shape(
            lambda x: Serial(*layers).propagate(Covariance.of_inputs(x, None)), jnp.ones(shape)
        )


def test_two_sets_of_samples_are_refused():
    """Also if they hold the same values, which nobody can know when they are compiled."""
    x = jnp.ones((5, 4))
    with pytest.raises(ValueError, match="need not be one whole batch"):
        jax.eval_shape(kernels.function(FIRST), FIRST.hyper, x, x)
    with pytest.raises(ValueError, match="x2 is given, but the network couples"):
        tangents.ntk(FIRST, (), x, x)


def test_samples_on_a_plane_have_no_tangent_kernel(rng):
    with pytest.raises(ValueError, match="span fewer than three dimensions"):
        kernels.compute(FIRST, rng.standard_normal((7, 2)) @ rng.standard_normal((2, 5)))


def test_slopes_at_a_sample_that_is_there_twice(double, rng):
    """Against differences; the kernel of both is that of one to the bit."""
    x = rng.standard_normal((6, 3))
    x[1] = x[0]
    net = Serial(*FIRST.layers, Dense(1))

    @jax.jit
    def between(first):
        return kernels.function(net)(net.hyper, jnp.asarray(x).at[0].set(first)).nngp[0, 1]

    step = 1e-5 * np.eye(3)
    differences = [(between(x[0] + h) - between(x[0] - h)) / 2e-5 for h in step]
    np.testing.assert_allclose(jax.grad(between)(x[0]), differences, rtol=1e-3, atol=1e-6)
