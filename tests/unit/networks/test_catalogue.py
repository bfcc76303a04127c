import pytest
from pydantic import TypeAdapter

from widelimit.config.networks import AnyNetwork
from widelimit.networks import Serial, by_name, cntk, mlp, myrtle, named


def test_names_are_those_of_functions():
    assert named(activation="erf", depth=3) == mlp("erf", 3)
    assert named("cntk", depth=3, pooling=False) == cntk(3, pooling=False)
    assert named("myrtle", layers=7, width=9) == myrtle(7, width=9)
    with pytest.raises(ValueError, match="kind is 'resnet', expected one of"):
        named("resnet")


@pytest.mark.parametrize(
    "network",
    [
        {"activation": "relu", "depth": 2},
        {"kind": "cntk", "depth": 3},
        {"kind": "myrtle", "layers": 5},
    ],
)
def test_configurations_name_them(network):
    found = TypeAdapter(AnyNetwork).validate_python(network).model_dump()
    found = {k: v for k, v in found.items() if v != 0}
    assert isinstance(named(**found), Serial)


def test_names_of_the_literature():
    assert by_name("myrtle10") == myrtle(10)
    assert by_name("cntk11") == cntk(11)
    assert by_name("cntk4-flat") == cntk(4, pooling=False)
    for name in ("vgg", "myrtle10-flat", "cntk"):
        with pytest.raises(ValueError, match=f"there is no network '{name}'"):
            by_name(name)
