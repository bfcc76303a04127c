import pytest

from widelimit.networks import Dense, Identity, Parallel, Relu, Residual, Serial, Sin, mlp
from widelimit.networks.parameters import named_hyper, with_hyper


def test_names_say_where_a_hyper_parameter_stands():
    net = Serial(Dense(4, 1.5, 0.1), Sin(b=3.0), Dense(1))
    expected = {"0__w_std": 1.5, "0__b_std": 0.1, "1__a": 1, "1__b": 3, "1__c": 0, "2__w_std": 1}
    assert named_hyper(net) == expected
    assert named_hyper(Dense(1, 2.0)) == {"w_std": 2.0}


def test_names_follow_branches():
    net = Residual(Relu(), Dense(4, 1.5))
    assert named_hyper(net) == {"1__1__1__w_std": 1.5}
    assert net.hyper[1][1][1]["w_std"] == 1.5
    assert named_hyper(Parallel(Identity(), Dense(2))) == {"1__w_std": 1.0}


def test_changed_values_stand_where_the_name_says():
    net = mlp("relu", 3, w_std=1.4, b_std=0.1)
    changed = with_hyper(net, {"2__b_std": 0.7})
    assert changed.hyper[2] == {"w_std": 1.4, "b_std": 0.7}
    assert with_hyper(changed, {"2__b_std": 0.1}) == net


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"\['0__b_std'\], expected some of \['0__w_std'\]"):
        with_hyper(mlp("relu", 1), {"0__b_std": 0.1})
