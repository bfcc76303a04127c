import jax
import numpy as np
import pytest
import xarray as xr

from widelimit.networks import mlp
from widelimit.store import array, open_chunks
from widelimit.tangents import chunks, sample_ntk
from widelimit.tangents.chunks import sample_chunks


@pytest.fixture
def data(rng):
    x = array(rng.standard_normal((4, 3)), ("sample", "feature"), "input")
    number = array([7, 3, 5, 1], "sample", "number")
    return xr.Dataset({"x": x}, {"sample": number})


def run(folder, data, width=8, seeds=5, **recipe):
    options = {"width": width, "seeds": seeds, "seeds_per_chunk": 2, "recipe": recipe}
    net = mlp("relu", 2, width=width)
    return sample_chunks(folder / f"w{width}.json", net, jax.random.key(0), data, **options)


def test_widths_and_draws_are_read_as_one_array(tmp_path, data):
    for width in (8, 16):
        run(tmp_path, data, width)
    with open_chunks([tmp_path / "w8.json", tmp_path / "w16.json"]) as together:
        assert together.ntk.dims == ("width", "seed", "sample", "sample_other")
        assert together.ntk.shape == (2, 5, 4, 4)
        assert list(together.sample.values) == [7, 3, 5, 1]
        expected = sample_ntk(mlp("relu", 2, width=8), jax.random.key(0), [4], data.x.values)
        found = together.ntk.sel(width=8, seed=4).values
    np.testing.assert_allclose(found, expected[0], rtol=1e-12)


def test_a_kill_loses_only_the_chunk_in_work(tmp_path, data, monkeypatch):
    made = []

    def interrupted(net, key, seeds, x):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(list(seeds))
        return sample_ntk(net, key, seeds, x)

    monkeypatch.setattr(chunks, "sample_ntk", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, data)
    assert not (tmp_path / "w8.json").exists()
    made.clear()
    run(tmp_path, data)
    assert made == [[4]]


def test_another_recipe_computes_anew(tmp_path, data):
    before = {p.name: p.stat().st_mtime_ns for p in run(tmp_path, data, sources="a")}
    same = {p.name: p.stat().st_mtime_ns for p in run(tmp_path, data, sources="a")}
    other = {p.name: p.stat().st_mtime_ns for p in run(tmp_path, data, sources="b")}
    assert same == before
    assert all(other[name] > before[name] for name in before)


def test_chunks_that_are_not_needed_any_more_go(tmp_path, data):
    run(tmp_path, data, seeds=5)
    run(tmp_path, data, seeds=3)
    assert len(list((tmp_path / "w8").glob("*.nc"))) == 2
