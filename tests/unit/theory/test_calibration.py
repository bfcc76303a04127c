import numpy as np
import pytest
from scipy import stats

from widelimit.theory.calibration import (
    LEVELS,
    calibration_error,
    coverage,
    frequencies,
    nlpd,
    pit,
    rmse,
)

N = 20_000


@pytest.fixture
def predictions(rng):
    """Targets that are drawn from their predictive laws."""
    mean, std = rng.standard_normal(N), np.exp(rng.standard_normal(N))
    return mean + std * rng.standard_normal(N), mean, std


def test_the_log_density_is_that_of_the_normal_law(rng):
    y, mean, std = (
        rng.standard_normal((2, 3)),
        rng.standard_normal((2, 3)),
        rng.uniform(1, 2, (2, 3)),
    )
    expected = -stats.norm.logpdf(y, mean, std).mean()
    assert nlpd(y, mean, std) == pytest.approx(expected, rel=1e-14)


def test_the_true_law_has_its_entropy_as_log_density_and_any_other_more(predictions):
    y, mean, std = predictions
    entropy = np.mean(np.log(std)) + np.log(2 * np.pi * np.e) / 2
    # The variance of half a squared normal number is 1/2.
    assert nlpd(y, mean, std) == pytest.approx(entropy, abs=5 * np.sqrt(0.5 / N))
    for wrong in ((mean + std / 4, std), (mean, std / 1.3), (mean, std * 1.3)):
        assert nlpd(y, *wrong) > nlpd(y, mean, std) + 0.02


def test_the_error_of_predictions_that_are_off_by_two_is_two():
    assert rmse(np.array([1.0, -1.0]), np.array([3.0, -3.0])) == 2


def test_transforms_under_the_true_law_are_uniform(predictions):
    u = pit(*predictions)
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert calibration_error(u) < 0.01


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_coverage_is_within_its_binomial_bounds(predictions, level):
    y, mean, std = predictions
    low, high = stats.binom.interval(0.999, N, level)
    assert low <= N * coverage(pit(y, mean, std), level) <= high
    # Error bars of half the size cover P(|z| < z_level / 2).
    half = 2 * stats.norm.cdf(stats.norm.ppf((1 + level) / 2) / 2) - 1
    assert coverage(pit(y, mean, std / 2), level) == pytest.approx(half, abs=0.02)


def test_frequencies_are_those_of_counting():
    u = np.array([[0.1, 0.3], [0.5, 0.9]])
    np.testing.assert_array_equal(frequencies(u, np.array([0.05, 0.3, 0.6])), [0, 0.5, 0.75])


def test_the_calibration_error_of_a_shift_is_that_of_the_closed_form(rng):
    """Targets half a standard deviation above their means: P(u <= p) = Φ(Φ⁻¹(p) - 1/2)."""
    u = pit(rng.standard_normal(N) + 0.5, np.zeros(N), np.ones(N))
    expected = stats.norm.cdf(stats.norm.ppf(LEVELS) - 0.5)
    np.testing.assert_allclose(frequencies(u), expected, atol=0.02)
    assert calibration_error(u) == pytest.approx(np.mean(LEVELS - expected), abs=0.01)
    assert calibration_error(np.zeros(3)) == pytest.approx(0.5)
