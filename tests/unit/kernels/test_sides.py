import hashlib

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import widelimit as wl
from widelimit.kernels import sides as module
from widelimit.kernels.sides import Side, windows

NET = wl.networks.Serial(wl.networks.Dense(8), wl.networks.Relu(), wl.networks.Dense(1))


class Recorded:
    """An array that tells which samples were read."""

    def __init__(self, x):
        self.x, self.shape, self.dtype, self.read = x, x.shape, x.dtype, []

    def __getitem__(self, part):
        self.read.append((part.start, part.stop))
        return self.x[part]


@pytest.fixture
def x(rng):
    return rng.standard_normal((23, 4))


def test_samples_are_looked_at_in_blocks(x, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 10 * x[0].nbytes)
    rows = Recorded(x)
    side = Side("x1", rows, "float64")
    assert rows.read == [(0, 10), (10, 20), (20, 30)]
    assert side.sha256() == hashlib.sha256(x.data).hexdigest()
    x[21, 2] = np.nan
    with pytest.raises(ValueError, match="x1 has 1 entries that are NaN"):
        Side("x1", rows, "float64")


def test_windows_are_padded_by_the_last_sample_and_remembered(x):
    rows = Recorded(x)
    window = windows(NET, Side("x1", rows, "float64"), 10)
    rows.read.clear()
    found = window(slice(20, 23), 5)
    assert window(slice(20, 23), 5) is found
    assert rows.read == [(20, 25)]
    assert np.array_equal(found.x, np.concatenate([x[20:], x[-1:], x[-1:]]).astype(found.x.dtype))


def test_windows_that_no_memory_is_for_are_read_anew(x, monkeypatch):
    monkeypatch.setattr(module, "_REMEMBERED", 4 * 5 * x[0].nbytes)
    rows = Recorded(x)
    window = windows(NET, Side("x1", rows, "float64"), 5)
    rows.read.clear()
    for start in (0, 5, 10, 15, 20, 0):
        window(slice(start, start + 5), 5)
    assert rows.read == [(0, 5), (5, 10), (10, 15), (15, 20), (20, 25), (0, 5)]


@pytest.mark.parametrize(
    "as_given",
    [
        lambda x: x.tolist(),
        jnp.asarray,
        np.asfortranarray,
        Recorded,
        lambda x: xr.DataArray(x, dims=("sample", "feature")),
    ],
)
def test_kernels_of_what_is_like_an_array(x, as_given):
    x = x.astype(np.float32)
    expected = wl.kernels.compute(NET, x, tile=7, dtype="float32", progress=False)
    found = wl.kernels.compute(NET, as_given(x), tile=7, dtype="float32", progress=False)
    assert np.array_equal(found.ntk, expected.ntk)


def test_inputs_on_disk_are_read_by_windows(x, tmp_path):
    xr.Dataset({"x": (("sample", "feature"), x)}).to_netcdf(tmp_path / "x.nc")
    with xr.open_dataset(tmp_path / "x.nc") as lazy:
        found = wl.kernels.compute(NET, lazy.x, tile=5, out=tmp_path / "k", progress=False)
        expected = wl.kernels.compute(NET, x, tile=5, progress=False)
        assert np.array_equal(found.ntk.values, expected.ntk)
        assert not lazy.x.variable._in_memory
