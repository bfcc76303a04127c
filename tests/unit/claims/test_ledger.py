import json

import numpy as np
import pytest

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.claims.ledger import compile_ledger, measure_claim, read_statistics
from widelimit.statistics import student
from widelimit.store import read, write


def measure(seed, *, centre, draws):
    return {"mean": student(np.random.default_rng(seed).normal(centre, 1, draws))}


def claim(draws=10_000, statement="The mean is zero."):
    return Claim(
        "C1", "title", statement, "a source, eq. 1",
        (Statistic("mean", "mean of the draws", 0.0, -0.2, 0.2),),
        {"centre": 0.0, "draws": draws}, Control("centre", 1.0, "it is moved"), measure,
    )  # fmt: skip


def test_a_true_claim_is_supported_and_its_control_refuted(tmp_path):
    write(measure_claim(claim(), seed=1), tmp_path / "c.nc")
    (entry,) = compile_ledger([read(tmp_path / "c.nc")])
    assert entry["claim"]["verdict"] == "supported"
    assert entry["control"]["verdict"] == "refuted"
    assert entry["as_expected"]
    assert entry["control_setting"] == "centre = 1"
    low, high = entry["claim"]["statistics"][0]["interval"]
    assert low < entry["claim"]["statistics"][0]["estimate"] < high
    json.dumps(entry, allow_nan=False)


def test_too_few_draws_decide_nothing_and_show_their_lack_of_power():
    (entry,) = compile_ledger([measure_claim(claim(draws=5), seed=1)])
    assert entry["claim"]["verdict"] == "inconclusive"
    assert not entry["as_expected"]
    assert entry["claim"]["statistics"][0]["power"] > 0.5


def test_the_rule_is_stored_with_the_data():
    rule, measured = read_statistics(measure_claim(claim(), seed=1), "control")
    assert rule == list(claim().statistics)
    assert measured["mean"].estimate == pytest.approx(1, abs=0.1)


def test_claim_and_control_differ_in_one_setting_and_share_the_seed():
    seen = []

    def spy(seed, **settings):
        seen.append((seed, settings))
        return measure(seed, **settings)

    from dataclasses import replace

    measure_claim(replace(claim(), measure=spy), seed=7)
    assert seen == [
        (7, {"centre": 0.0, "draws": 10_000}),
        (7, {"centre": 1.0, "draws": 10_000}),
    ]
