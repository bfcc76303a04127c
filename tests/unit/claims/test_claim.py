import pytest

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.claims.registry import load
from widelimit.errors import InputError
from widelimit.modules import claims, figures
from widelimit.provenance.statement import PROJECT


def make(setting="n"):
    statistic = Statistic("s", "a number", 1.0, 0.5, 1.5)
    control = Control(setting, 3, "because")
    return Claim("C1", "title", "text", "source", (statistic,), {"n": 2, "m": 5}, control, print)


def test_a_control_changes_one_named_setting():
    assert make().rows() == {"claim": {"n": 2, "m": 5}, "control": {"n": 3, "m": 5}}
    with pytest.raises(ValueError, match="changes 'k', which is no setting"):
        make("k")


@pytest.mark.parametrize("name", claims())
def test_each_claim_is_stated_in_full(name):
    claim = load(name)
    assert claim.id == name
    assert claim.title
    assert claim.statement.endswith(".")
    assert claim.source
    assert claim.control.because
    assert claim.figure in figures()
    assert (PROJECT / "notebooks" / f"{claim.notebook}.ipynb").exists()
    assert claim.settings[claim.control.setting] != claim.control.value
    for statistic in claim.statistics:
        assert statistic.meaning
        assert statistic.low <= statistic.expected <= statistic.high
        assert statistic.low < statistic.high or statistic.margin == 0


def test_unknown_claims_are_refused():
    with pytest.raises(InputError, match="no claim 'C999'"):
        load("C999")
