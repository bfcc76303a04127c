import numpy as np
import pandas as pd
import pytest
import xarray as xr

from widelimit.datasets.files import load_file
from widelimit.errors import InputError


@pytest.fixture
def arrays(rng):
    return rng.standard_normal((6, 3)), rng.standard_normal(6)


@pytest.mark.parametrize("suffix", [".npz", ".nc", ".csv", ".parquet"])
def test_each_format_gives_the_same_samples(tmp_path, arrays, suffix):
    x, y = arrays
    path = tmp_path / f"data{suffix}"
    table = pd.DataFrame(np.column_stack([x, y]), columns=list("abcy"))
    {
        ".npz": lambda: np.savez(path, x=x, y=y),
        ".nc": lambda: xr.Dataset({"x": (("n", "d"), x), "y": ("n", y)}).to_netcdf(path),
        ".csv": lambda: table.to_csv(path, index=False),
        ".parquet": lambda: table.to_parquet(path),
    }[suffix]()
    found = load_file(str(path))
    np.testing.assert_allclose(found.x, x)
    np.testing.assert_allclose(found.y, y[:, None])
    assert found.origin == f"the user's file data{suffix}"


def test_images_are_flattened(tmp_path, rng):
    np.savez(tmp_path / "d.npz", x=rng.standard_normal((4, 5, 5)), y=np.ones(4))
    assert load_file(str(tmp_path / "d.npz")).x.shape == (4, 25)


def test_class_names_are_numbered_in_order(tmp_path):
    (tmp_path / "d.csv").write_text("a,kind\n1,dog\n2,cat\n3,dog\n")
    found = load_file(str(tmp_path / "d.csv"), classes=True)
    assert found.classes == ("cat", "dog")
    assert list(found.y) == [1, 0, 1]


def test_samples_without_a_class_are_refused(tmp_path):
    (tmp_path / "d.csv").write_text("a,kind\n1,dog\n2,\n3,cat\n")
    with pytest.raises(InputError, match="1 samples have no class; the first is number 1"):
        load_file(str(tmp_path / "d.csv"), classes=True)


def test_one_row_is_a_table_too(tmp_path):
    (tmp_path / "d.csv").write_text("a,y\n1,2\n")
    assert load_file(str(tmp_path / "d.csv")).y.shape == (1, 1)


def test_target_columns_can_be_named(tmp_path):
    (tmp_path / "d.csv").write_text("y1,a,y2\n1,2,3\n4,5,6\n")
    found = load_file(str(tmp_path / "d.csv"), target=["y1", "y2"])
    np.testing.assert_array_equal(found.y, [[1, 3], [4, 6]])
    np.testing.assert_array_equal(found.x, [[2], [5]])


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("d.csv", b"a,y\n1,2\nred,3\n", r"column 'a' has 1 entries that are not numbers.*'red' in row 3"),
        ("d.csv", b"a,y\n1,2\n,3\n", "column 'a' has 1 entries"),
        ("d.csv", b"a,y\n1,2\n2,\n", "NaN or infinite targets"),
        ("d.csv", b"a,y\n1,yes\n2,no\n", "has_classes: true"),
        ("d.csv", b"y\n1\n2\n", "no column beside the target"),
        ("d.csv", b"", "cannot be read"),
        ("d.npz", b"not an archive", "cannot be read.*damaged"),
        ("d.nc", b"not a file", "cannot be read.*damaged"),
        ("d.parquet", b"PAR1broken", "cannot be read.*damaged"),
        ("d.xlsx", b"", "ends in '.xlsx', expected one of"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_with_the_place(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=expected):
        load_file(str(tmp_path / name))


def test_missing_files_arrays_and_columns_are_named(tmp_path):
    with pytest.raises(InputError, match="is not there: check `path`"):
        load_file(str(tmp_path / "nothing.csv"))
    np.savez(tmp_path / "d.npz", data=np.ones(3))
    with pytest.raises(InputError, match="expected the arrays x and y"):
        load_file(str(tmp_path / "d.npz"))
    (tmp_path / "d.csv").write_text("a,y\n1,2\n")
    with pytest.raises(InputError, match=r"no column \['z'\]; it has \['a', 'y'\]"):
        load_file(str(tmp_path / "d.csv"), target=["z"])
