import re

import numpy as np
import pytest

from widelimit import kernels
from widelimit.kernels import compute
from widelimit.networks import Dense, FanOut, Serial, Tanh, mlp

NET = mlp("relu", 3, w_std=1.4, b_std=0.1)


def test_the_tile_does_not_change_the_kernel(rng):
    x1, x2 = rng.standard_normal((70, 4)), rng.standard_normal((33, 4))
    whole = kernels.compute(NET, x1, x2)
    for tile in (7, 64, 65):
        tiled = kernels.compute(NET, x1, x2, tile=tile)
        np.testing.assert_allclose(tiled.ntk, whole.ntk, rtol=1e-13, atol=1e-14)


def test_one_set_gives_a_matrix_symmetric_to_the_bit(rng):
    x = rng.standard_normal((90, 4))
    found = kernels.compute(NET, x, tile=40)
    full = kernels.compute(NET, x, x)
    for kernel, expected in zip(found, full, strict=True):
        assert np.array_equal(kernel, kernel.T)
        np.testing.assert_allclose(kernel, expected, rtol=1e-13)


def test_the_precision_is_an_argument(rng):
    x = rng.standard_normal((5, 4))
    double, single = (kernels.compute(NET, x, dtype=d) for d in ("float64", "float32"))
    assert double.ntk.dtype == np.float64
    assert single.ntk.dtype == np.float32
    np.testing.assert_allclose(single.ntk, double.ntk, rtol=1e-5)
    with pytest.raises(ValueError, match="float16.*expected one of"):
        kernels.compute(NET, x, dtype="float16")


def test_inputs_that_are_not_finite_are_refused(rng):
    x = rng.standard_normal((5, 4))
    x[2, 1] = np.nan
    with pytest.raises(ValueError, match="x1 has 1 entries that are NaN"):
        kernels.compute(NET, x)


@pytest.mark.parametrize("tile", [0, -3])
def test_a_tile_must_hold_something(rng, tile):
    with pytest.raises(ValueError, match="expected at least 1"):
        kernels.compute(NET, rng.standard_normal((5, 4)), tile=tile)


def test_no_inputs_give_an_empty_kernel(rng):
    found = kernels.compute(NET, rng.standard_normal((3, 4)), np.empty((0, 4)))
    assert found.nngp.shape == found.ntk.shape == (3, 0)


def test_a_bar_is_shown_on_request(rng, capsys):
    kernels.compute(NET, rng.standard_normal((5, 4)), progress=True)
    assert "kernel tiles" in capsys.readouterr().err


def test_a_series_that_is_too_short_is_refused(rng):
    """And what the refusal says holds: the error stays below it."""
    x = np.array([[1.0, 0.0], [1.0, 0.1], [0.3, 1.0]])

    def net(order):
        return Serial(Dense(1, w_std=4.0), Tanh(order=order), Dense(1))

    with pytest.raises(ValueError, match="double the `order`") as refusal:
        compute(net(16), x)
    (said,) = re.findall(r"off by ([0-9.e-]+) of", str(refusal.value))
    rough, fine = (compute(net(order), x, tolerance=0.5).ntk for order in (16, 512))
    error = np.max(np.abs(rough - fine)) / np.max(fine)
    assert 1e-4 < error < float(said)


def test_branches_that_are_not_joined_are_refused(rng):
    with pytest.raises(ValueError, match="the network ends in 2 branches"):
        compute(Serial(Dense(3), FanOut(2)), rng.standard_normal((2, 4)))
