import numpy as np
import pytest

from widelimit.errors import InputError
from widelimit.kernels import compute
from widelimit.networks import mlp
from widelimit.theory.small_data import small_data

NET = mlp("relu", 3, w_std=2**0.5)


@pytest.fixture
def made(rng):
    """Two classes around opposite means, twice: kernels of the pool and of test images, and labels."""

    def kernels(pool, test, apart=1.0):
        labels = np.arange(pool) % 2, np.arange(test) % 2
        x, y = (
            rng.standard_normal((len(c), 6)) + apart * np.where(c, 1, -1)[:, None] for c in labels
        )
        return compute(NET, x, get="ntk"), compute(NET, y, x, get="ntk"), labels

    return kernels


def test_more_images_teach_more(made):
    found = small_data(*made(200, 300), sizes=[2, 40], draws=12, resamples=40, seed=0)
    assert found.accuracy.shape == (2, 12)
    few, many = found.mean_accuracy.values
    assert 0.6 < few < many < 1
    low, high = found.interval.values.T
    assert (low < found.mean_accuracy.values).all()
    assert (found.mean_accuracy.values < high).all()


def test_the_whole_pool_is_one_training_set(made):
    train, cross, labels = made(80, 90)
    found = small_data(train, cross, labels, sizes=[4], draws=2, resamples=40, seed=0)
    weights = np.linalg.solve(train, np.where(labels[0] == 1, 0.5, -0.5))
    right = (cross @ weights > 0) == labels[1]
    assert np.array_equal(found.whole_right, right)
    assert found.whole_accuracy == right.mean()
    low, high = found.whole_interval.values
    assert low < right.mean() < high


def test_without_anything_to_learn_it_guesses(made):
    found = small_data(*made(200, 400, apart=0.0), sizes=[20], draws=10, resamples=60, seed=0)
    low, high = found.interval.values[0]
    assert low < 0.5 < high
    assert high - low < 0.2


def test_the_same_seed_gives_the_same_numbers(made):
    kernels = made(60, 50)
    a, b = (small_data(*kernels, sizes=[10], draws=3, resamples=5, seed=1) for _ in range(2))
    assert a.equals(b)


def test_intervals_cover_what_other_images_give(made):
    """Of studies with pools and test images of their own, most have the mean of all of them in their interval."""
    found = [
        small_data(*made(80, 80), sizes=[10], draws=4, resamples=60, seed=i) for i in range(24)
    ]
    truth = np.mean([float(one.mean_accuracy[0]) for one in found])
    inside = [float(one.interval[0, 0]) <= truth <= float(one.interval[0, 1]) for one in found]
    # Of 24 intervals at 95 %, fewer than 18 cover with probability 2e-4.
    assert sum(inside) >= 18


@pytest.mark.parametrize("n", [10, 40])
def test_intervals_are_as_wide_as_other_images_make_them(made, n):
    """Also where training sets take half of the pool."""
    found = [small_data(*made(80, 80), sizes=[n], draws=4, resamples=60, seed=i) for i in range(30)]
    spread = np.std([float(one.mean_accuracy[0]) for one in found], ddof=1)
    width = np.mean([float(np.diff(one.interval.values[0])[0]) for one in found])
    # The spread of 30 is known to 13 %: two and a half times that.
    assert 0.66 < width / (2 * 1.96 * spread) < 1.5


def test_a_pool_without_enough_of_a_class_is_refused(made):
    train, cross, (pool, tested) = made(60, 20)
    pool[:40] = 0
    with pytest.raises(
        InputError, match=r"training sets of \[22\] images .* the rarest has 10 images"
    ):
        small_data(train, cross, (pool, tested), sizes=[10, 22], draws=2, resamples=40, seed=0)
