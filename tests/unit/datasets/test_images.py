import numpy as np
import pytest
import xarray as xr

from widelimit.datasets import images, sides
from widelimit.errors import InputError
from widelimit.store import array, write


@pytest.fixture
def prepared(rng):
    return xr.Dataset(
        {
            "x": array(rng.standard_normal((7, 12)), ("sample", "feature"), "pixels"),
            "split": array(np.repeat(["train", "test"], [5, 2]), "sample", "part"),
        },
        attrs={"image": [2, 3, 2]},
    )


def test_sides_are_those_of_a_file_read_as_far_as_needed(prepared, tmp_path):
    write(prepared, tmp_path / "d.nc")
    pixels = images(prepared)
    with xr.open_dataset(tmp_path / "d.nc") as data:
        (train, none), (test, beside) = sides(data, "train"), sides(data, "test")
        assert none is None
        for found, expected in ((train, pixels[:5]), (beside, pixels[:5]), (test, pixels[5:])):
            assert (len(found), found.shape, found.dtype) == (len(expected), expected.shape, float)
            for part in (slice(None), slice(1, 3), slice(1, 100), slice(4, 4)):
                assert np.array_equal(found[part], expected[part])
        assert not data.x.variable._in_memory


def test_features_are_no_images(prepared):
    del prepared.attrs["image"]
    prepared.attrs["origin"] = "wine"
    with pytest.raises(InputError, match="wine: these are no images"):
        sides(prepared, "train")
