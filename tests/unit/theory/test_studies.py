"""The labelled arrays that studies hand to figures: dimensions, units, and the numbers in them."""

import numpy as np
import pytest
import xarray as xr

from widelimit.networks import mlp
from widelimit.store import array
from widelimit.theory.conditioning_study import conditioning_study
from widelimit.theory.double_descent_study import descent_study
from widelimit.theory.overfitting_study import overfitting_study
from widelimit.theory.spectrum_study import spectrum_study
from widelimit.theory.sphere_study import sphere_study
from widelimit.theory.width_scaling_study import width_scaling_study

DIMS = ("sample", "sample_other")


def labelled(dataset):
    return all({"long_name", "units"} <= set(v.attrs) for v in dataset.variables.values())


@pytest.fixture
def kernels(rng):
    a = rng.standard_normal((2, 60, 90))
    values = a @ a.transpose(0, 2, 1) / 90
    split = np.array(["train"] * 50 + ["test"] * 10)
    number = np.arange(60)
    return xr.Dataset(
        {"nngp": array(values[0], DIMS, "k"), "ntk": array(values[1], DIMS, "k")},
        {
            "sample": array(number, "sample", "n"),
            "sample_other": array(number, "sample_other", "n"),
            "split": array(split, "sample", "part"),
        },
        {"dataset": "d", "network": "n"},
    )


def test_a_spectrum_is_that_of_the_training_samples(kernels):
    found = spectrum_study(kernels, seed=0, decay_range=(2, 20))
    assert labelled(found)
    expected = np.linalg.eigvalsh(kernels.ntk.values[:50, :50])[::-1] / 50
    np.testing.assert_allclose(found.eigenvalue.sel(kernel="ntk"), expected)


def test_width_scaling(kernels, rng):
    limit = kernels.ntk.values[:4, :4]
    widths, seeds = [16, 64], 6
    noise = rng.standard_normal((2, seeds, 4, 4)) / np.sqrt(widths)[:, None, None, None]
    empirical = xr.Dataset(
        {"ntk": array(limit + noise + noise.swapaxes(2, 3), ("width", "seed", *DIMS), "k")},
        {
            "width": array(widths, "width", "w"),
            "seed": array(np.arange(seeds), "seed", "s"),
            "sample": array(np.arange(4), "sample", "n"),
            "sample_other": array(np.arange(4), "sample_other", "n"),
        },
    )
    found = width_scaling_study(empirical, kernels, seed=0, fit_from=16)
    assert labelled(found)
    assert found.rms.values[0] > found.rms.values[1]
    low, high = found.slope_interval.values
    assert low < found.slope < high
    np.testing.assert_allclose(found.eigenvalue_limit, np.linalg.eigvalsh(limit)[::-1])


def test_the_sphere_study_has_exact_and_sampled_eigenvalues():
    found = sphere_study(mlp("relu", 3, w_std=1.4), seed=0, dimension=3, degrees=10, samples=80)
    assert labelled(found)
    exact, sampled = found.eigenvalue.sel(kernel="ntk"), found.sampled.sel(kernel="ntk")
    assert float(sampled[0]) == pytest.approx(float(exact[0]), rel=0.1)


def test_conditioning_grows_in_the_ordered_phase(rng):
    found = conditioning_study(rng.standard_normal((6, 10)), [2, 16])
    assert labelled(found)
    ordered = found.condition.isel(phase=0).values
    assert ordered[1] > 5 * ordered[0]


def test_overfitting_on_the_sphere_and_on_a_pool(rng):
    for pool in (None, rng.standard_normal((80, 6))):
        found = overfitting_study(pool, seed=0, sizes=[20, 40], trials=3, test=30)
        assert labelled(found)
        assert (found.gain > 1).all()
    with pytest.raises(ValueError, match="need 100 samples"):
        overfitting_study(pool, seed=0, sizes=[70], trials=2, test=30)


def test_descent_peaks_at_the_threshold():
    found = descent_study(
        seed=0, samples=30, features=[10, 30, 120], trials=20, noise=0.5, dimension=10
    )
    assert labelled(found)
    assert found["median"].sel(regression="least norm").values.argmax() == 1
