import numpy as np
import pytest
import xarray as xr

from widelimit.figures.processes import draw
from widelimit.networks import mlp
from widelimit.sklearn.processes_study import REFERENCE, SCORES, processes_study
from widelimit.statistics import student
from widelimit.store import array
from widelimit.theory.calibration import LEVELS

SETTINGS = {
    "seed": 3, "name": "lines", "fitted": [], "train": 40, "test": 15, "splits": 3, "restarts": 0,
}  # fmt: skip


def data_set(rng, count=60):
    """Linear targets with noise of standard deviation 0.1, beside test samples that are nonsense."""
    x = rng.standard_normal((count, 3)) * [1, 10, 0.1]
    y = 5 + x @ [[1.0], [0.1], [-10.0]] + 0.1 * rng.standard_normal((count, 1))
    split = np.repeat(["train", "test"], [count - 4, 4])
    y[split == "test"] = 1e9
    return xr.Dataset(
        {
            "x": array(x, ("sample", "feature"), "x"),
            "y": array(y, ("sample", "output"), "y"),
            "split": array(split, "sample", "part"),
        }
    )


@pytest.fixture(scope="module")
def found():
    return processes_study(data_set(np.random.default_rng(0)), mlp("relu", 1), **SETTINGS)


def test_everything_has_a_name_and_units(found):
    assert all({"long_name", "units"} <= set(v.attrs) for v in found.variables.values())
    assert found.nlpd.attrs["units"] == found.log_marginal_likelihood.attrs["units"] == "nat"
    assert dict(found.frequency.sizes) == {"kernel": 6, "split": 3, "level": len(LEVELS)}


def test_linear_targets_are_best_predicted_by_the_linear_kernel(found):
    assert found.nlpd.mean("split").idxmin() in ("linear", "NNGP", "NTK")
    # The noise is 0.1 and the targets have a standard deviation near √3.
    rmse = found.rmse.sel(kernel="linear").mean()
    assert float(rmse) == pytest.approx(0.1 / np.sqrt(3), rel=0.3)
    noise = found.hyper.sel(kernel="linear", parameter="noise_level").mean()
    assert float(noise) == pytest.approx(0.01 / 3, rel=0.5)


def test_a_network_of_one_layer_is_the_linear_kernel(found):
    """Its NNGP is x·x'/d, so that all that follows from it agrees."""
    linear = found.sel(kernel="linear")
    for kernel in ("NNGP", "NTK"):
        for name in ("nlpd", "rmse", "log_marginal_likelihood", "hyper"):
            np.testing.assert_allclose(found[name].sel(kernel=kernel), linear[name], rtol=1e-4)


def test_kernels_without_a_hyper_parameter_have_nan_in_its_place(found):
    lengths = found.hyper.sel(parameter="length_scale")
    assert np.isnan(lengths.sel(kernel="linear")).all()
    assert (lengths.sel(kernel="RBF") > 0).all()


def test_differences_are_paired_by_split_and_corrected_for_overlap(found):
    for score in SCORES:
        values = found[score]
        paired = (values.sel(kernel="linear") - values.sel(kernel=REFERENCE)).values
        expected = student(paired, SETTINGS["test"] / SETTINGS["train"])
        summary = found.sel(score=score, kernel="linear")
        assert float(summary.difference) == pytest.approx(paired.mean())
        np.testing.assert_allclose(summary.difference_interval, expected.interval())
    assert (found.difference.sel(kernel=REFERENCE) == 0).all()


def test_the_units_of_features_and_targets_do_not_matter(found):
    data = data_set(np.random.default_rng(0))
    data["x"], data["y"] = 7 * data.x - 100, 1e3 * data.y + 5
    again = processes_study(data, mlp("relu", 1), **SETTINGS)
    for name in ("nlpd", "rmse", "log_marginal_likelihood"):
        np.testing.assert_allclose(again[name], found[name], rtol=1e-3)


def test_the_same_seed_gives_the_same_numbers_and_another_one_others(found):
    data = data_set(np.random.default_rng(0))
    again = processes_study(data, mlp("relu", 1), **SETTINGS)
    xr.testing.assert_equal(again, found)
    other = processes_study(data, mlp("relu", 1), **SETTINGS | {"seed": 4})
    assert not np.allclose(other.nlpd, found.nlpd)


def test_the_figure_shows_every_kernel_but_the_reference_against_it(found):
    figure = draw([found])
    upper, middle, lower = figure.axes
    others = [kernel for kernel in found.kernel.values if kernel != REFERENCE]
    for axes in (upper, middle):
        assert [label.get_text() for label in axes.get_xticklabels()] == others
    assert len(lower.lines) == len(found.kernel) + 1
