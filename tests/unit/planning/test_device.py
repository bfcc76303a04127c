import pytest

from widelimit.errors import InputError
from widelimit.networks import by_name
from widelimit.planning import Speed, device, key, measure

NAME = key("cntk3", (4, 4, 1), "float32")


@pytest.fixture(scope="module")
def here():
    return measure("cntk3", by_name("cntk3"), (4, 4, 1), "float32", seconds=0.05)


def test_this_machine_is_measured(here):
    assert here.speed(NAME).pairs_per_second > 10
    assert 1e8 < here.flops < 1e14
    assert "cores" in here.description


def test_files_gather_networks(here, tmp_path):
    path = tmp_path / "here.json"
    here.save(path)
    assert device(str(path)) == here
    other = here.model_copy(update={"speeds": {"other": Speed(pairs_per_second=1, tile=2)}})
    other.save(path)
    assert set(device(str(path)).speeds) == {NAME, "other"}
    elsewhere = other.model_copy(update={"description": "another machine"})
    elsewhere.save(path)
    assert device(str(path)) == elsewhere


def test_what_was_not_measured_is_refused(here, tmp_path):
    with pytest.raises(
        InputError, match=r"no measurement of 'h1000'; known are .*--save FILE\.json"
    ):
        device("h1000")
    with pytest.raises(
        InputError, match="myrtle10 was not measured there, but cntk3 on 4×4×1, float32"
    ):
        here.speed("myrtle10")
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(InputError, match=r"x\.json is no measurement"):
        device(str(tmp_path / "x.json"))
