import numpy as np
import pytest
from scipy import stats

from widelimit.statistics import (
    PROBABILITIES,
    binomial,
    bootstrap,
    exact,
    ks_distance,
    student,
    wilson,
)


def test_student_is_the_textbook_interval(rng):
    values = rng.standard_normal(20)
    expected = stats.t.interval(0.95, 19, values.mean(), stats.sem(values))
    assert student(values).interval() == pytest.approx(expected, rel=1e-3)


def test_student_of_random_splits_has_the_variance_of_nadeau_and_bengio(rng):
    values = rng.standard_normal(10)
    scale = values.std(ddof=1) * np.sqrt(1 / 10 + 30 / 90)
    expected = stats.t.interval(0.95, 9, values.mean(), scale)
    assert student(values, overlap=30 / 90).interval() == pytest.approx(expected, rel=1e-3)


def test_masses_and_intervals_are_inverse_to_each_other(rng):
    found = student(rng.standard_normal(20))
    low, high = found.interval(0.9)
    assert found.mass_below(low) == pytest.approx(0.05, abs=1e-3)
    assert found.mass_above(high) == pytest.approx(0.05, abs=1e-3)


def test_masses_far_outside_are_zero_and_one():
    found = exact(1.0, 0.1)
    assert (found.mass_below(0.5), found.mass_below(2)) == (0, 1)
    assert (found.mass_above(0.5), found.mass_above(2)) == (1, 0)


def test_an_exact_number_has_no_width():
    assert exact(2.5).interval(0.999) == (2.5, 2.5)


def test_a_bound_is_the_interval_at_every_level():
    assert exact(2.0, 0.5).interval(0.5) == exact(2.0, 0.5).interval(0.999) == (1.5, 2.5)


@pytest.mark.parametrize(("successes", "trials"), [(0, 20), (3, 20), (20, 20), (480, 1000)])
def test_binomial_is_clopper_and_pearson(successes, trials):
    expected = stats.binomtest(successes, trials).proportion_ci(0.95, method="exact")
    found = binomial(successes, trials).interval()
    assert found == pytest.approx(tuple(expected), abs=2e-4)


def test_wilson():
    rate, low, high = wilson(3, 20)
    assert rate == 0.15
    assert (low, high) == pytest.approx((0.0524, 0.3604), abs=1e-4)
    assert np.isnan(wilson(0, 0)).all()


def test_bootstrap_of_a_mean_is_near_student(rng):
    values = rng.standard_normal(400)
    found = bootstrap(lambda v: v.mean(axis=-1), [values], rng).interval()
    assert found == pytest.approx(student(values).interval(), abs=0.01)


def test_bootstrap_resamples_each_sample_on_its_own(rng):
    constant, varying = np.ones(10), rng.standard_normal(100)
    found = bootstrap(lambda a, b: a.mean(-1) * 5 + 0 * b.mean(-1), [constant, varying], rng)
    assert found.interval() == (5, 5)


def test_the_bound_on_the_distance_of_laws_covers(rng):
    """Normal draws against a normal law: the true distance is 0, and every interval reaches it."""
    reached = sum(
        ks_distance(rng.standard_normal(500), stats.norm.cdf).interval(0.9)[0] <= 0
        for _ in range(50)
    )
    assert reached >= 45


def test_a_wrong_law_is_far_away(rng):
    found = ks_distance(rng.standard_normal(5000), stats.norm(scale=2).cdf)
    assert found.interval(0.999)[0] > 0.1


def test_the_table_of_probabilities_is_symmetric():
    np.testing.assert_allclose(PROBABILITIES + PROBABILITIES[::-1], 1)
