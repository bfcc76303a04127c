import numpy as np
import pytest

from widelimit.theory.gaussian_quadrature import SCALAR_FUNCTIONS, expectation, mlp_kernels


@pytest.mark.parametrize("c", [-1.0, -0.5, 0.0, 0.7, 1.0])
def test_moments_of_two_gaussians(c):
    """E u²v² = q₁q₂(1 + 2c²) and E uv = c√(q₁q₂)."""
    k = c * np.sqrt(2 * 3)
    square = lambda z: z**2  # noqa: E731
    one = lambda z: z  # noqa: E731
    assert expectation(square, square, 2.0, 3.0, k) == pytest.approx(6 * (1 + 2 * c**2), rel=1e-12)
    assert expectation(one, one, 2.0, 3.0, k) == pytest.approx(k, abs=1e-12)


def test_monte_carlo_agrees(rng):
    phi, _ = SCALAR_FUNCTIONS["gelu"]
    u, w = rng.standard_normal((2, 400_000))
    values = phi(u) * phi(0.6 * u + 0.8 * w)
    error = values.std() / np.sqrt(values.size)
    assert abs(values.mean() - expectation(phi, phi, 1.0, 1.0, 0.6)) < 4 * error


def test_a_linear_network():
    x, y = np.array([1.0, 2.0]), np.array([0.5, -1.0])
    nngp, ntk = mlp_kernels("relu", 1, x, y, w_std=1.5, b_std=0.1)
    assert nngp == ntk == pytest.approx(2.25 * (x @ y) / 2 + 0.01)
