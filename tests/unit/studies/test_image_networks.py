import numpy as np
import pytest
import xarray as xr

from widelimit.errors import InputError
from widelimit.networks import cntk
from widelimit.store import array
from widelimit.studies.images.comparison import KERNEL, compare
from widelimit.studies.images.learners import by_kernel, by_networks
from widelimit.studies.images.subsets import found, subsets


@pytest.fixture
def bright(rng):
    """Images of two classes, brighter above or below the middle, with noise."""
    classes = np.arange(60) % 2
    x = 0.3 * rng.standard_normal((60, 4, 4, 1))
    x[classes == 0, :2] += 1
    x[classes == 1, 2:] += 1
    targets = np.eye(2)[classes] - 0.5
    return xr.Dataset(
        {
            "x": array(x.reshape(60, 16), ("sample", "feature"), "pixels"),
            "y_clean": array(targets, ("sample", "output"), "targets"),
            "split": array(np.repeat(["train", "test"], [40, 20]), "sample", "part"),
        },
        attrs={"image": [4, 4, 1]},
    )


def test_training_sets_are_balanced_and_the_same_again(bright):
    one, other = (subsets(bright, seed=3, train=10, draws=3) for _ in range(2))
    assert len(one) == 3
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a.x, b.x)
        assert np.bincount(a.classes).tolist() == [5, 5]
        assert len(np.unique(a.x.reshape(10, -1), axis=0)) == 10
        assert a.test.shape == (20, 4, 4, 1)
    assert not np.array_equal(one[0].x, one[1].x)


@pytest.mark.parametrize("train", [11, 42])
def test_training_sets_that_cannot_be_balanced_are_refused(bright, train):
    with pytest.raises(InputError, match="expected a multiple of 2 classes"):
        subsets(bright, seed=0, train=train, draws=2)


def test_both_learn_what_is_plain(bright):
    sets = subsets(bright, seed=0, train=20, draws=2)
    net = cntk(3, pooling=False, fixed=False, width=8, outputs=2)
    trained = by_networks(net, sets, seed=0, steps=150, learning_rate=0.05)
    kernel = by_kernel(net, sets, ridge=1e-4, precision="float64")
    for one in (trained, kernel):
        assert one.right.shape == (2, 20)
        assert one.right.mean() > 0.8
    assert np.all(trained.mean_square < 0.05)


def test_differences_of_learners_and_their_intervals(rng):
    """Flat ones are right by chance; the kernel with pooling is always right, the network in three of four."""
    right = {
        ("flat", 8.0): rng.random((6, 200)) < 0.5,
        ("flat", KERNEL): rng.random((6, 200)) < 0.5,
        ("pooled", 8.0): rng.random((6, 200)) < 0.75,
        ("pooled", KERNEL): np.ones((6, 200), bool),
    }
    loss = array(np.zeros(6), "draw", "mean square")
    result = compare(
        {key: found(x, mean_square=loss) for key, x in right.items()}, seed=0, resamples=400
    )
    pooled = result.sel(readout="pooled")
    assert pooled.accuracy.sel(width=KERNEL) == 1
    assert result.gain.sel(width=8) == right["pooled", 8.0].mean() - right["flat", 8.0].mean()
    low, high = result.gain_interval.sel(width=8).values
    assert 0.15 < low < 0.25 < high < 0.35
    low, high = pooled.lead_interval.sel(finite_width=8).values
    assert 0.2 < low < 0.25 < high < 0.3
    low, high = result.lead_interval.sel(readout="flat", finite_width=8).values
    assert low < 0 < high


def test_what_learners_have_in_common_cancels(rng):
    """Images that are hard for all of them widen no interval of a difference."""
    hard = rng.random((5, 300)) < 0.5
    everyone = {
        (how, w): found(hard, mean_square=array(np.zeros(5), "draw", "m"))
        for how in ("pooled", "flat")
        for w in (8.0, KERNEL)
    }
    result = compare(everyone, seed=0, resamples=200)
    assert np.all(result.gain_interval == 0)
    assert np.all(result.lead_interval == 0)
    assert np.all(
        result.accuracy_interval.sel(bound="high") > result.accuracy_interval.sel(bound="low")
    )
