import errno
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from widelimit import store
from widelimit.store import array, atomic, compute_chunks, read, stack, write


def dataset(value=1.0):
    return xr.Dataset(
        {"a": array(np.full(3, value), "place", "a number", "m")},
        {"place": array([1, 2, 3], "place", "where")},
    )


def test_arrays_go_to_disk_and_back_with_their_labels(tmp_path):
    write(dataset(), tmp_path / "d.nc")
    back = read(tmp_path / "d.nc")
    assert back.a.attrs["units"] == "m"
    assert back.a.attrs["long_name"] == "a number"
    xr.testing.assert_equal(back, dataset())


def test_the_same_data_give_the_same_bytes(tmp_path):
    for name in ("a.nc", "b.nc"):
        write(dataset(), tmp_path / name)
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_arrays_without_labels_are_refused(tmp_path):
    with pytest.raises(ValueError, match="'a' has no long_name and no units"):
        write(xr.Dataset({"a": ("x", [1.0])}), tmp_path / "d.nc")
    with pytest.raises(ValueError, match="has 1 axes, but dims are"):
        array([1, 2], ("x", "y"), "name")


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "d.nc"
    write(dataset(1.0), path)
    before = path.read_bytes()

    def fail():
        with atomic(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["d.nc"]


def test_what_a_killed_writer_left_is_cleared_by_the_next(tmp_path):
    (tmp_path / ".d.nc.abc123.part").write_text("half")
    write(dataset(), tmp_path / "d.nc")
    assert [p.name for p in tmp_path.iterdir()] == ["d.nc"]


def test_a_full_disk_gives_an_error_and_no_file(tmp_path):
    """/dev/full accepts no byte; a half-written file must never take the final name."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")

    def fill():
        with atomic(tmp_path / "d.txt") as temporary:
            temporary.unlink()
            temporary.symlink_to("/dev/full")
            temporary.write_text("data")

    with pytest.raises(OSError, match="No space left") as caught:
        fill()
    assert caught.value.errno == errno.ENOSPC
    assert not list(tmp_path.iterdir())


def test_stack_joins_along_a_labelled_dimension():
    together = stack("rate", {0.1: dataset(1.0), 0.2: dataset(2.0)}, "error rate", "1/s")
    assert together.a.sel(rate=0.2).values.tolist() == [2, 2, 2]
    assert together.rate.attrs == {"long_name": "error rate", "units": "1/s"}


def test_a_damaged_chunk_is_computed_again(tmp_path):
    made = []

    def compute(name):
        made.append(name)
        return dataset()

    paths = compute_chunks(tmp_path / "m.json", ["a", "b"], compute, {"n": 1})
    paths[1].write_bytes(b"not a file")
    compute_chunks(tmp_path / "m.json", ["a", "b"], compute, {"n": 1})
    assert made == ["a", "b", "b"]


def test_sha256(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")
    assert store.sha256(tmp_path / "f").startswith("ba7816bf")
