import numpy as np
import pytest
from scipy.linalg import expm

from widelimit.dynamics import KernelFlow


@pytest.fixture
def kernel(rng):
    a = rng.standard_normal((5, 5))
    return a @ a.T + 0.1 * np.eye(5)


def test_training_outputs_follow_the_matrix_exponential(kernel, rng):
    y, start = rng.standard_normal((5, 2)), rng.standard_normal((5, 2))
    found = KernelFlow(kernel, y).predict(np.array([0.0, 0.7]), start=start).train
    np.testing.assert_allclose(found[0], start, atol=1e-12)
    np.testing.assert_allclose(found[1], y + expm(-0.7 * kernel) @ (start - y), rtol=1e-11)


def test_test_outputs_solve_the_flow(kernel, rng):
    """d f(x)/dt = -k(x, X)(f(X) - y), by a central difference in time."""
    y, cross, h = rng.standard_normal((5, 1)), rng.standard_normal((3, 5)), 1e-4
    flow = KernelFlow(kernel, y)
    found = flow.predict(np.array([0.5 - h, 0.5, 0.5 + h]), cross)
    slope = (found.test[2] - found.test[0]) / (2 * h)
    np.testing.assert_allclose(slope, -cross @ (found.train[1] - y), rtol=1e-6, atol=1e-8)


def test_the_end_interpolates(kernel, rng):
    y = rng.standard_normal(5)
    found = KernelFlow(kernel, y).predict(np.array([np.inf]), kernel)
    np.testing.assert_allclose(found.train[0, :, 0], y, rtol=1e-12)
    np.testing.assert_allclose(found.test[0, :, 0], y, rtol=1e-9)


def test_descent_is_stable_up_to_the_largest_step(kernel, rng):
    y = rng.standard_normal((5, 1))
    limit = KernelFlow(kernel, y).largest_step
    ends = []
    for factor in (0.95, 1.05):
        f = np.zeros_like(y)
        for _ in range(2000):
            f -= factor * limit * kernel @ (f - y)
        ends.append(np.abs(f - y).max())
    assert ends[0] < 1 < 1e10 < ends[1]


def test_a_singular_kernel_is_refused():
    with pytest.raises(ValueError, match="expected it positive"):
        KernelFlow(-np.eye(2), np.ones(2))
