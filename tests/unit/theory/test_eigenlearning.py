import numpy as np
import pytest

from widelimit.errors import InputError
from widelimit.theory.eigenlearning import gaussian_noise_gain, learn

POWER = np.arange(1.0, 501) ** -1.5


@pytest.mark.parametrize("ridge", [0.0, 1e-3, 1.0])
def test_the_implicit_ridge_solves_its_equation(ridge):
    found = learn(POWER, 40, ridge)
    assert found.learnability.sum() + ridge / found.kappa == pytest.approx(40, rel=1e-9)


def test_a_flat_spectrum_has_its_textbook_gain():
    """m equal eigenvalues: L = n/m, so E₀ = 1/(1 - n/m)."""
    assert learn(np.ones(300), 100).noise_gain == pytest.approx(1.5, rel=1e-9)


def test_a_heavy_ridge_learns_nothing():
    found = learn(POWER, 40, ridge=1e9)
    assert found.noise_gain == pytest.approx(1, abs=1e-6)
    assert found.test_error(POWER, 0.3) == pytest.approx(POWER.sum() + 0.3, rel=1e-4)


def test_more_samples_than_modes_need_a_ridge():
    with pytest.raises(InputError, match="only 500 positive eigenvalues"):
        learn(POWER, 500)


def test_gaussian_features_agree_with_the_prediction(rng):
    gains = [gaussian_noise_gain(rng, POWER, 40) for _ in range(200)]
    error = np.std(gains) / np.sqrt(200)
    assert abs(np.mean(gains) - learn(POWER, 40).noise_gain) < 4 * error + 0.02
