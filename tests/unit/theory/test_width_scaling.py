import numpy as np
import pytest

from widelimit.theory.width_scaling import envelope, relative_error, rms, rms_slope


def test_relative_error_is_in_units_of_the_limit():
    limit = np.array([[3.0, 0.0], [0.0, 4.0]])
    assert relative_error(np.stack([limit, 1.1 * limit]), limit) == pytest.approx([0, 0.1])


def test_the_slope_of_an_exact_power_law_is_exact(rng):
    widths = [16, 64, 256]
    errors = [np.array([1.0, 1.2, 0.8]) * w**-0.5 for w in widths]
    found = rms_slope(widths, errors, rng)
    assert found.estimate == pytest.approx(-0.5)


def test_the_interval_of_the_slope_covers_as_often_as_it_says(rng):
    widths, covered = [16, 32, 64, 128], 0
    for _ in range(200):
        errors = [np.abs(rng.standard_normal(40)) * w**-0.5 for w in widths]
        low, high = rms_slope(widths, errors, rng).interval()
        covered += low < -0.5 < high
    assert 0.88 <= covered / 200 <= 0.99


def test_rms(rng):
    assert rms(np.array([3.0, 4.0]), rng).estimate == pytest.approx(np.sqrt(12.5))


def test_the_envelope_falls_slower_than_the_root():
    n = np.array([64, 4096])
    assert envelope(n)[1] / envelope(n)[0] > np.sqrt(64 / 4096)
