import numpy as np
import pytest

from widelimit.datasets import images
from widelimit.datasets.prepare import STANDARDISATIONS, prepare
from widelimit.datasets.samples import Samples
from widelimit.errors import InputError
from widelimit.store import read, write


@pytest.fixture
def samples(rng):
    return Samples(rng.normal(3, 2, (100, 4)), rng.integers(0, 3, 100), "made up", ("a", "b", "c"))


def test_features_have_mean_zero_and_variance_one_over_the_training_set(samples, rng):
    found = prepare(samples, rng, train=60, test=40, standardize="features")
    x = found.x.values[:60]
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(x.std(0), 1, rtol=1e-12)


def test_the_sphere_has_unit_mean_square(samples, rng):
    found = prepare(samples, rng, train=60, test=40, standardize="sphere")
    np.testing.assert_allclose((found.x**2).mean("feature"), 1, rtol=1e-12)


@pytest.fixture
def pictures(rng):
    x = rng.normal([[[[3, 5]]]], [[[[2, 0.5]]]], (50, 4, 3, 2)).reshape(50, -1)
    return Samples(x, rng.integers(0, 2, 50), "made up", ("a", "b"), image=(4, 3, 2))


def test_channels_have_mean_zero_and_variance_one_over_the_training_set(pictures, rng, tmp_path):
    write(
        prepare(pictures, rng, train=30, test=20, standardize="channels", classes=[0, 1]),
        tmp_path / "x.nc",
    )
    x = images(read(tmp_path / "x.nc"))
    assert x.shape == (50, 4, 3, 2)
    np.testing.assert_allclose(x[:30].mean((0, 1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(x[:30].std((0, 1, 2)), 1, rtol=1e-12)
    assert np.ptp(x[:30].mean(0)) > 0.1


def test_features_are_no_images(samples, rng):
    with pytest.raises(InputError, match="standardize is channels, and these are no images"):
        prepare(samples, rng, train=60, test=40, standardize="channels")
    with pytest.raises(InputError, match="made up: these are no images"):
        images(prepare(samples, rng, train=60, test=40, standardize="none"))


def test_nothing_changes_without_standardisation_and_numbers_are_kept(samples, rng):
    found = prepare(samples, rng, train=60, test=40, standardize="none")
    np.testing.assert_array_equal(found.x, samples.x[found["sample"].values])
    assert len(set(found["sample"].values)) == 100


def test_splits_are_stated_and_training_samples_come_first(samples, rng):
    found = prepare(samples, rng, train=60, test=30, standardize="none")
    assert list(found.split.values) == ["train"] * 60 + ["test"] * 30
    assert "60 training and 30 test" in found.attrs["splitting"]
    assert found.attrs["standardisation"] == STANDARDISATIONS["none"]


def test_classes_become_centred_columns(samples, rng):
    found = prepare(samples, rng, train=60, test=40, standardize="none")
    row = found.y.values[0]
    np.testing.assert_allclose(sorted(row), [-1 / 3, -1 / 3, 2 / 3])
    assert row.argmax() == samples.y[found["sample"].values[0]]


def test_two_chosen_classes_become_signs(samples, rng):
    found = prepare(samples, rng, train=20, test=10, standardize="none", classes=[2, 0])
    expected = np.where(samples.y[found["sample"].values] == 2, 1, -1)
    np.testing.assert_array_equal(found.y.values[:, 0], expected)
    assert found.attrs["classes"] == "a, c"


@pytest.mark.parametrize("has_test", [True, False])
def test_balanced_training_sets_have_as_many_of_each_class(rng, has_test):
    y = np.repeat([0, 1, 2], [70, 20, 110])
    is_test = np.arange(200) % 4 == 0 if has_test else None
    samples = Samples(rng.random((200, 2)), y, "made up", ("a", "b", "c"), is_test)
    found = prepare(samples, rng, train=45, test=30, standardize="none", balanced=True)
    number = found["sample"].values
    assert len(set(number)) == 75
    assert list(np.bincount(y[number[:45]])) == [15, 15, 15]
    with pytest.raises(InputError, match="train is 46 and balanced, expected a multiple"):
        prepare(samples, rng, train=46, test=30, standardize="none", balanced=True)
    with pytest.raises(InputError, match="the rarest class has (15|20) samples"):
        prepare(samples, rng, train=63, test=30, standardize="none", balanced=True)


def test_noise_is_on_training_targets_alone(rng):
    samples = Samples(rng.standard_normal((2000, 2)), np.zeros((2000, 1)), "made up")
    found = prepare(samples, rng, train=1500, test=500, standardize="none", noise=0.5)
    assert found.y.values[:1500].std() == pytest.approx(0.5, rel=0.1)
    assert (found.y.values[1500:] == 0).all()
    assert (found.y_clean.values == 0).all()


def test_the_sources_own_test_set_is_respected(rng):
    samples = Samples(
        np.arange(20.0)[:, None], np.zeros((20, 1)), "made up", (), np.arange(20) >= 15
    )
    found = prepare(samples, rng, train=10, test=5, standardize="none")
    assert (found.x.values[:10] < 15).all()
    assert (found.x.values[10:] >= 15).all()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"train": 90, "test": 20}, "test is 20, but only 10 samples"),
        ({"train": 101, "test": 0}, "train is 101, but only 100 samples"),
        ({"classes": [0, 9]}, "expected at least two of 0 … 2"),
        ({"classes": [1]}, "expected at least two"),
    ],
)
def test_what_the_data_cannot_give_is_refused(samples, rng, options, expected):
    with pytest.raises(InputError, match=expected):
        prepare(samples, rng, **{"train": 10, "test": 5, "standardize": "none"} | options)


def test_classes_of_a_regression_are_refused(rng):
    samples = Samples(np.ones((5, 1)), np.ones((5, 1)), "made up")
    with pytest.raises(InputError, match="regression target"):
        prepare(samples, rng, train=2, test=1, standardize="none", classes=[0, 1])


def test_samples_that_are_not_finite_are_refused():
    x = np.ones((3, 2))
    x[1, 0] = np.inf
    with pytest.raises(InputError, match="1 samples have NaN or infinite inputs.*number 1"):
        Samples(x, np.ones((3, 1)), "made up")


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="as many targets"):
        Samples(np.ones((3, 2)), np.ones((2, 1)), "made up")
