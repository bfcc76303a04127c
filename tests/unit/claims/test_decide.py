import numpy as np
import pytest
from scipy import stats

from widelimit.claims.claim import Statistic
from widelimit.claims.decide import Tendency, holm, tendency
from widelimit.statistics import PROBABILITIES, ConfidenceDistribution, exact

INTERVAL = Statistic("s", "a number", expected=0.0, low=-1.0, high=1.0)


def normal(mean, error):
    return ConfidenceDistribution(mean, stats.norm.ppf(PROBABILITIES, mean, error))


@pytest.mark.parametrize(
    ("mean", "error", "direction", "decided"),
    [
        (0.0, 0.1, "supported", True),
        (5.0, 0.1, "refuted", True),
        (-5.0, 0.1, "refuted", True),
        (0.0, 2.0, "supported", False),  # too wide an interval is no support
        (1.0, 0.1, "refuted", False),  # on the edge nothing is decided
    ],
)
def test_a_row_is_decided_by_its_interval(mean, error, direction, decided):
    found = tendency([INTERVAL], {"s": normal(mean, error)})
    assert (found.p_value < 0.05) == decided
    if decided:
        assert found.direction == direction


def test_the_p_value_is_where_the_interval_touches_the_edge():
    found = tendency([INTERVAL], {"s": normal(0.5, 0.2)})
    assert found.p_value == pytest.approx(2 * stats.norm.sf(2.5), rel=0.02)


def test_support_needs_all_statistics_and_refutation_one():
    rules = [INTERVAL, Statistic("t", "another", 0.0, -1.0, 1.0)]
    both = tendency(rules, {"s": exact(0.0), "t": exact(0.5)})
    assert (both.direction, both.p_value) == ("supported", 0)
    one = tendency(rules, {"s": exact(0.0), "t": exact(3.0)})
    assert (one.direction, one.p_value) == ("refuted", 0)
    unsure = tendency(rules, {"s": exact(0.0), "t": normal(0.9, 0.5)})
    assert unsure.p_value > 0.05


def test_what_is_not_a_number_decides_nothing():
    found = tendency([INTERVAL], {"s": exact(float("nan"))})
    assert found.p_value == 1
    assert holm([found])[0].verdict == "inconclusive"


def test_one_sided_intervals():
    below = Statistic("s", "small", 0.0, -np.inf, 1.0)
    assert tendency([below], {"s": exact(-100.0)}).direction == "supported"
    assert tendency([below], {"s": exact(2.0)}).direction == "refuted"


def test_holm_steps_down_and_stops_at_the_first_failure():
    rows = [Tendency("supported", p) for p in (0.03, 0.0001, 0.011, 0.5)]
    found = [v.verdict for v in holm(rows)]
    assert found == ["inconclusive", "supported", "supported", "inconclusive"]
    levels = [v.level for v in holm(rows)]
    assert levels == pytest.approx([1 - 0.1 / k for k in (6, 8, 7, 5)])


def test_the_ledger_errs_no_more_often_than_it_says(rng):
    """Ten quantities exactly on the edge: any verdict would be wrong, and one in twenty may be."""
    wrong = 0
    for _ in range(400):
        rows = [
            tendency([INTERVAL], {"s": normal(m, 0.1)}) for m in 1 + 0.1 * rng.standard_normal(10)
        ]
        wrong += any(v.verdict != "inconclusive" for v in holm(rows))
    assert wrong / 400 < 0.09
