import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from widelimit.dynamics import KernelFlow
from widelimit.networks import Conv, Dense, Flatten, Relu, Serial, mlp
from widelimit.sklearn import NNGP, NTK, NTKClassifier, NTKRegressor

NET = mlp("erf", 2, w_std=1.3, b_std=0.2)


@parametrize_with_checks([NTKRegressor(), NTKRegressor(kernel="nngp"), NTKClassifier()])
def test_scikit_learn_finds_nothing_amiss(estimator, check):
    check(estimator)


@pytest.fixture
def data(rng):
    x = rng.standard_normal((15, 3))
    return x, np.stack([x[:, 0] ** 2, np.sin(x[:, 1])], axis=1), rng.standard_normal((6, 3))


def test_without_a_ridge_it_is_the_end_of_training(data):
    x, y, new = data
    found = NTKRegressor(NET, diag_reg=0).fit(x, y)
    end = KernelFlow(NTK(NET)(x), y).predict(np.array([np.inf]), cross=NTK(NET)(new, x))
    np.testing.assert_allclose(found.predict(new), end.test[0], rtol=1e-6)
    np.testing.assert_allclose(found.predict(x), y, rtol=1e-6, atol=1e-8)


def test_the_posterior_is_that_of_a_gaussian_process(data):
    x, y, new = data
    found = NTKRegressor(NET, kernel="nngp", diag_reg=0.1).fit(x, y).predict(new, return_std=True)
    gp = GaussianProcessRegressor(NNGP(NET), alpha=0.1, optimizer=None).fit(x, y)
    for mine, theirs in zip(found, gp.predict(new, return_std=True), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)


def test_one_target_has_one_axis(data):
    x, y, new = data
    found = NTKRegressor(NET, kernel="nngp").fit(x, y[:, 0])
    mean, std = found.predict(new, return_std=True)
    assert mean.shape == std.shape == (6,)
    both = NTKRegressor(NET, kernel="nngp").fit(x, y).predict(new, return_std=True)
    np.testing.assert_allclose(mean, both[0][:, 0], rtol=1e-9)
    assert (std >= 0).all()


def test_a_trained_network_has_no_posterior(data):
    x, y, new = data
    with pytest.raises(ValueError, match='Take kernel="nngp"'):
        NTKRegressor(NET).fit(x, y).predict(new, return_std=True)


def test_plain_arguments_make_a_perceptron(data):
    x, y, new = data
    plain = NTKRegressor(depth=2, activation="erf", w_std=1.3, b_std=0.2).fit(x, y)
    np.testing.assert_array_equal(plain.predict(new), NTKRegressor(NET).fit(x, y).predict(new))


@pytest.mark.parametrize("twice", [[3, 3], [3, 3, 4, 4, 5, 5]])
def test_duplicates_without_a_ridge_are_refused(data, twice):
    x, y, _ = data
    rows = [*range(15), *twice]
    with pytest.raises(ValueError, match=r"diag_reg=0 is singular.*make diag_reg larger"):
        NTKRegressor(NET, diag_reg=0).fit(x[rows], y[rows])
    assert NTKRegressor(NET).fit(x[rows], y[rows]).score(x, y) > 0.99


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel": "rbf"}, r"'rbf', expected one of \['nngp', 'ntk'\]"),
        ({"diag_reg": -1}, "diag_reg is -1, expected at least 0"),
        ({"diag_reg": np.nan}, "diag_reg is nan"),
        ({"activation": "step"}, "activation is 'step', expected one of"),
    ],
)
def test_bad_arguments_are_refused(data, arguments, message):
    with pytest.raises(ValueError, match=message):
        NTKRegressor(**arguments).fit(*data[:2])


def test_labels_may_be_strings(data):
    x, y, _ = data
    labels = np.array(["small", "large"])[(y[:, 0] > 0.5).astype(int)]
    found = NTKClassifier().fit(x, labels)
    assert found.score(x, labels) == 1
    assert found.classes_.tolist() == ["large", "small"]
    assert found.decision_function(x).shape == (15,)
    assert not hasattr(found, "predict_proba")


def test_one_class_is_refused(data):
    with pytest.raises(ValueError, match="all 15 samples are of one class, a;"):
        NTKClassifier().fit(data[0], ["a"] * 15)


def test_networks_of_convolutions_read_digits():
    x, labels = load_digits(return_X_y=True)
    net = Serial(Conv(8, (3, 3), w_std=1.4), Relu(), Flatten(), Dense(1))
    found = NTKClassifier(net, input_shape=(8, 8, 1)).fit(x[:64] / 16, labels[:64])
    assert found.decision_function(x[64:70] / 16).shape == (6, 10)
    assert found.score(x[64:128] / 16, labels[64:128]) > 0.8


def test_hyper_parameters_are_searched_in_pipelines(data):
    x, y, _ = data
    model = make_pipeline(StandardScaler(), NTKRegressor())
    search = GridSearchCV(model, {"ntkregressor__depth": [1, 2]}, cv=3).fit(x, y)
    assert search.best_params_ == {"ntkregressor__depth": 2}  # the targets are not linear
