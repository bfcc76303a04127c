import numpy as np
import pytest

from widelimit.theory.spectra import conditioning, decay_exponent, effective_ranks, eigenvalues


def test_eigenvalues_are_those_of_the_kernel_over_n():
    assert eigenvalues(np.diag([3.0, 1.0, 2.0])) == pytest.approx([1, 2 / 3, 1 / 3])


def test_conditioning():
    assert conditioning(np.diag([3.0, 1.0, 2.0])) == pytest.approx((1, 3, 3))


def test_effective_ranks_of_a_flat_tail_count_it():
    values = np.array([10.0] + [0.1] * 9)
    r, big_r = effective_ranks(values, np.array([0, 1, 4]))
    assert r == pytest.approx([1.09, 9, 6])
    assert big_r[1:] == pytest.approx([9, 6])


def test_the_exponent_is_that_of_data_sets_of_this_size(rng):
    """λ_i ∝ i^-1.5; the interval from one data set holds the mean over many."""

    def decay():
        features = rng.standard_normal((200, 1000)) * np.arange(1, 1001) ** -0.75
        return decay_exponent(features @ features.T, rng, first=2, last=20).exponent

    low, high = decay().interval()
    mean = np.mean([decay().estimate for _ in range(20)])
    assert low < mean < high
    assert mean == pytest.approx(1.5, abs=0.1)
    assert high - low < 0.5


def test_the_range_must_fit_the_matrix(rng):
    with pytest.raises(ValueError, match="range is 5 … 30, expected"):
        decay_exponent(np.eye(20), rng, first=5, last=30)
