import pytest

from widelimit.errors import InputError
from widelimit.modules import claim_module, claims, figure_module, figures

PROMISED = [
    "C9",
    "C14",
    "C16",
    "C17",
    "C20",
    "C26",
    "C28",
    "C34",
    "C35",
    "C41",
    "C43",
    "C45",
    "C46",
    "C58",
    "C62",
    "C65",
    "C66",
]


def test_claims_are_found_by_file_name_in_order():
    assert set(PROMISED) <= set(claims())
    assert claims() == sorted(claims(), key=lambda c: int(c[1:]))
    assert claim_module("C9") == "claims/c9.py"


def test_figures_are_found_by_file_name():
    assert "spectra" in figures()
    assert "style" not in figures()
    assert figure_module("spectra") == "figures/spectra.py"


@pytest.mark.parametrize(("find", "name"), [(claim_module, "C999"), (figure_module, "nothing")])
def test_unknown_names_are_refused_with_the_known_ones(find, name):
    with pytest.raises(InputError, match="expected one of"):
        find(name)
