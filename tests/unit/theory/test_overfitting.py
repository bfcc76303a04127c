import numpy as np
import pytest

from widelimit.theory.overfitting import gaussian_kernel, noise_gain, solve_kernel


def test_noise_gain_is_the_mean_error_on_pure_noise(rng):
    x = rng.standard_normal((40, 3))
    k = gaussian_kernel(x, x, 1.0)
    train, cross = k[:25, :25], k[:25, 25:]
    noise = rng.standard_normal((25, 40_000))
    fitted = cross.T @ np.linalg.solve(train + 0.1 * np.eye(25), noise)
    simulated = 1 + np.mean(fitted**2)
    assert noise_gain(train, cross, ridge=0.1) == pytest.approx(simulated, rel=0.01)


def test_the_gaussian_kernel(rng):
    x = rng.standard_normal((2, 3))
    distance2 = np.sum((x[0] - x[1]) ** 2)
    assert gaussian_kernel(x, x, 2.0)[0, 1] == pytest.approx(np.exp(-distance2 / 8))


def test_a_singular_kernel_is_refused():
    with pytest.raises(ValueError, match="give a larger ridge"):
        solve_kernel(np.ones((3, 3)) - 2 * np.eye(3), np.ones((3, 1)))
