import numpy as np
import pytest

from widelimit.kernels.inputs import checked_names, checked_sides, checked_tile


def test_names_come_in_one_order():
    assert checked_names("ntk") == ("ntk",)
    assert checked_names(("ntk", "nngp")) == checked_names(["nngp", "ntk"]) == ("nngp", "ntk")


@pytest.mark.parametrize("get", ["kernel", (), ("ntk", "covariance")])
def test_unknown_names_are_refused(get):
    with pytest.raises(ValueError, match="expected 'nngp', 'ntk', or a tuple of them"):
        checked_names(get)


@pytest.mark.parametrize("tile", [0, -3, (4, 0)])
def test_a_tile_must_hold_something(tile):
    with pytest.raises(ValueError, match="expected at least 1"):
        checked_tile(tile, symmetric=False)


def test_symmetric_tiles_are_square():
    assert checked_tile((4, 5), symmetric=False) == (4, 5)
    assert checked_tile(4, symmetric=True) == (4, 4)
    with pytest.raises(ValueError, match="tiles are square"):
        checked_tile((4, 5), symmetric=True)


@pytest.mark.parametrize(
    ("x1", "x2", "said"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), r"x1 have shape \(3,\) and those of x2 \(4,\)"),
        (np.ones(3), None, r"x1 has shape \(3,\), expected \(samples, features\)"),
        (np.ones((2, 3)), np.array([[1, np.nan, np.inf]]), "x2 has 2 entries that are NaN"),
        (np.array([["a", "b"]]), None, "x1 has dtype <U1, expected real numbers"),
        (np.ones((2, 3), complex), None, "x1 has dtype complex128, expected real numbers"),
    ],
)
def test_bad_inputs_are_refused(x1, x2, said):
    with pytest.raises(ValueError, match=said):
        checked_sides(x1, x2, "float64")


def test_whole_numbers_are_inputs():
    first, second = checked_sides(np.eye(2, dtype=np.uint8), None, "float32")
    assert first.read(slice(2)).dtype == np.float32
    assert second is None
