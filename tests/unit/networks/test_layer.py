import jax
import pytest

from widelimit.networks import Dense, LeakyRelu, Serial, mlp


def test_hyper_goes_out_and_back():
    net = Serial(Dense(4, w_std=1.5, b_std=0.1), LeakyRelu(0.2), Dense(1))
    assert net.hyper == (
        {"w_std": 1.5, "b_std": 0.1},
        {"slope": 0.2},
        {"w_std": 1.0, "b_std": None},
    )
    assert net.replace_hyper(net.hyper) == net


def test_replace_hyper_changes_values_alone():
    net = Serial(Dense(4, w_std=1.5), LeakyRelu(0.2))
    changed = net.replace_hyper(({"w_std": 2.0, "b_std": None}, {"slope": 0.3}))
    assert changed == Serial(Dense(4, w_std=2.0), LeakyRelu(0.3))
    assert jax.tree.structure(changed) == jax.tree.structure(net)


@pytest.mark.parametrize("hyper", [({"w_std": 1.0},), ({"w_std": 1.0}, {"b_std": 0.1})])
def test_replace_hyper_refuses_another_form(hyper):
    with pytest.raises(ValueError, match="replace_hyper got"):
        Serial(Dense(4), Dense(2)).replace_hyper(hyper)


def test_structure_is_hashable_and_widths_belong_to_it():
    narrow, wide = mlp("relu", 3, width=4), mlp("relu", 3, width=8)
    structures = {jax.tree.structure(narrow), jax.tree.structure(wide)}
    assert len(structures) == 2


def test_layers_are_frozen():
    with pytest.raises(AttributeError, match="cannot assign"):
        Dense(4).features = 5
