import pytest

from widelimit.report.page import _interval, _number


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "not a number"), (0.0, "0"), (1.23456, "1.235"), (1.5e-13, "1.50e-13"), (2.5e7, "2.50e+07"),
     (-0.5, "-0.5")],
)  # fmt: skip
def test_numbers(value, text):
    assert _number(value) == text


@pytest.mark.parametrize(
    ("bounds", "text"),
    [((0.9, 1.1), "0.9 … 1.1"), ((None, 1.0), "≤ 1"), ((2.0, None), "≥ 2"), ((3.0, 3.0), "3")],
)
def test_intervals(bounds, text):
    assert _interval(bounds) == text
