import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVC

from widelimit import kernels
from widelimit.networks import Conv, Dense, Flatten, LeakyRelu, Masked, Relu, Serial, Tanh, mlp
from widelimit.sklearn import NNGP, NTK

NET = mlp("erf", 2, w_std=1.3, b_std=0.2)
ONE = mlp("relu", 2, w_std=1.3)
BOTH = pytest.mark.parametrize("kind", [NNGP, NTK])


@pytest.fixture
def x(rng):
    return rng.standard_normal((12, 3))


def _slopes(kernel, x, step=1e-5):
    """Central differences in theta, of the kernel's values alone."""
    moves = step * np.eye(kernel.n_dims)
    pairs = [[kernel.clone_with_theta(kernel.theta + s * m)(x) for s in (1, -1)] for m in moves]
    return np.stack([(up - down) / (2 * step) for up, down in pairs], axis=-1)


@BOTH
def test_values_are_those_of_the_library(kind, x):
    kernel, name = kind(NET), kind.__name__.lower()
    assert np.array_equal(kernel(x), kernels.compute(NET, x, get=name))
    assert np.array_equal(kernel(x, x[:2]), kernels.compute(NET, x, x[:2], get=name))
    np.testing.assert_allclose(kernel.diag(x), kernel(x).diagonal(), rtol=1e-13)
    assert not kernel.is_stationary()


def test_hyper_parameters_have_names_values_and_bounds():
    kernel = NTK(NET, {"*__[ab]": "fixed", "net__0__*": (0.1, 10)})
    assert [h.name for h in kernel.hyperparameters if not h.fixed] == [
        "net__0__w_std",
        "net__0__b_std",
        "net__2__w_std",
        "net__2__b_std",
    ]
    np.testing.assert_allclose(np.exp(kernel.theta), [1.3, 0.2, 1.3, 0.2])
    np.testing.assert_allclose(np.exp(kernel.bounds), [(0.1, 10)] * 2 + [(0.01, 100)] * 2)


def test_what_has_no_logarithm_stays_as_it_is():
    kernel = NTK(Serial(Dense(4, 1.5, 0.0), LeakyRelu(-0.1), Dense(1)))
    assert [h.name for h in kernel.hyperparameters if h.fixed] == ["net__0__b_std", "net__1__slope"]
    moved = kernel.clone_with_theta(kernel.theta + 1)
    assert moved.net.hyper[0] == {"w_std": pytest.approx(1.5 * np.e), "b_std": 0.0}
    assert moved.net.hyper[1] == {"slope": -0.1}


def test_bounds_for_a_name_that_is_not_there_are_refused():
    with pytest.raises(ValueError, match=r"\['net__9__w_std'\], expected patterns of"):
        _ = NTK(NET, {"net__9__w_std": "fixed"}).theta


@BOTH
def test_clones_are_equal_and_independent(kind):
    kernel = kind(NET, "fixed", tolerance=1e-3)
    copy = clone(kernel)
    assert copy == kernel
    assert pickle.loads(pickle.dumps(kernel)) == kernel
    assert copy.set_params(net__2__w_std=2) is copy
    assert copy != kernel
    assert kernel.net == NET
    assert copy.net.hyper[2]["w_std"] == 2
    assert NNGP(NET) != NTK(NET)


def test_parameters_are_read_and_set_by_name():
    kernel = NTK(NET)
    assert kernel.get_params(deep=False).keys() == {
        "net", "hyper_bounds", "input_shape", "tolerance",
    }  # fmt: skip
    assert kernel.get_params()["net__0__b_std"] == 0.2
    both = kernel + WhiteKernel()
    both.set_params(k1__net__0__b_std=0.5, k2__noise_level=0.1)
    assert both.k1.net.hyper[0]["b_std"] == 0.5
    with pytest.raises(ValueError, match="7__w_std.*expected some of"):
        kernel.set_params(net__7__w_std=1.0)
    with pytest.raises(ValueError, match="Invalid parameter width"):
        kernel.set_params(width=3)


def test_the_name_of_a_kernel_shows_its_values():
    assert repr(NNGP(ONE)) == "NNGP(net__0__w_std=1.3, net__2__w_std=1.3)"


def test_gradients_of_sums_and_products_are_those_of_finite_differences(x):
    kernel = 0.5 * NTK(NET, {"*__b_std": "fixed"}) + RBF(2.0) * NNGP(ONE) + WhiteKernel(0.1)
    values, slopes = kernel(x, eval_gradient=True)
    np.testing.assert_allclose(values, kernel(x), rtol=1e-13)
    np.testing.assert_allclose(slopes, _slopes(kernel, x), rtol=1e-6, atol=1e-8)


def test_fixed_kernels_have_empty_gradients(x):
    assert NTK(ONE, "fixed")(x, eval_gradient=True)[1].shape == (12, 12, 0)


def test_there_is_no_gradient_between_two_sets(x):
    with pytest.raises(ValueError, match="leave out Y"):
        NTK(NET)(x, x, eval_gradient=True)


def test_rows_become_images(rng):
    net = Serial(Conv(8, (3,)), Relu(), Flatten(), Dense(1))
    x = rng.standard_normal((4, 8))
    kernel = NNGP(net, input_shape=(4, 2))
    assert np.array_equal(kernel(x), kernels.compute(net, x.reshape(4, 4, 2)).nngp)
    with pytest.raises(ValueError, match=r"6 numbers each.*\(4, 2\) asks for 8"):
        kernel(x[:, :6])


def test_sequences_of_any_length_have_slopes(rng):
    """Without padding, with it, and empty."""
    net = Masked(Serial(Conv(8, (3,), 1, w_std=1.4, b_std=0.3), Relu(), Flatten(), Dense(1)), -9.0)
    x = rng.standard_normal((4, 8))
    x[1, 5:] = x[2, 2:] = x[3] = -9
    kernel = NTK(net, input_shape=(8, 1))
    found, slopes = kernel(x, eval_gradient=True)
    assert np.array_equal(found, kernels.compute(net, x[..., None]).ntk)
    np.testing.assert_allclose(slopes, _slopes(kernel, x), rtol=1e-6, atol=1e-8)


def test_the_tolerance_of_a_series_is_an_argument(x):
    net = Serial(Dense(8, 3.0), Tanh(order=4), Dense(1))
    with pytest.raises(ValueError, match="leave its `order` out"):
        NNGP(net)(x)
    assert NNGP(net, tolerance=10.0)(x).shape == (12, 12)


def test_marginal_likelihood_finds_the_hyper_parameters_that_made_the_data(rng):
    truth = NNGP(mlp("relu", 2, w_std=3.0))(x := rng.standard_normal((64, 3))) + 0.01 * np.eye(64)
    y = np.linalg.cholesky(truth) @ rng.standard_normal((64, 20))
    kernel = NNGP(ONE, {"net__2__w_std": "fixed"}) + WhiteKernel(1.0)
    gp = GaussianProcessRegressor(kernel).fit(x, y)
    # In a ReLU network without biases only the product of the two scales counts: 9 = 1.3 * 6.92.
    assert gp.kernel_.k1.net.hyper[0]["w_std"] == pytest.approx(9 / 1.3, rel=0.1)
    assert gp.kernel_.k2.noise_level == pytest.approx(0.01, rel=0.2)
    assert kernel.k1.net == ONE
    _, slope = gp.log_marginal_likelihood(gp.kernel_.theta, eval_gradient=True)
    assert np.abs(slope).max() < 1


def test_the_posterior_is_that_of_the_textbook(x, rng):
    y, new = rng.standard_normal(12), rng.standard_normal((5, 3))
    gp = GaussianProcessRegressor(NTK(NET), alpha=0.1, optimizer=None).fit(x, y)
    k, cross = NTK(NET)(x) + 0.1 * np.eye(12), NTK(NET)(new, x)
    mean, std = gp.predict(new, return_std=True)
    np.testing.assert_allclose(mean, cross @ np.linalg.solve(k, y), rtol=1e-9)
    variance = NTK(NET).diag(new) - np.einsum("ij,ji->i", cross, np.linalg.solve(k, cross.T))
    np.testing.assert_allclose(std**2, variance, rtol=1e-9)


@BOTH
def test_other_estimators_take_them(kind, x, rng):
    labels = (np.sin(x[:, 0]) > 0).astype(int)
    assert GaussianProcessClassifier(kind(ONE)).fit(x, labels).score(x, labels) > 0.9
    assert SVC(kernel=kind(ONE), C=100).fit(x, labels).score(x, labels) > 0.9
    ridge = KernelRidge(kernel=kind(ONE), alpha=0.1).fit(x, x[:, 0])
    dual = np.linalg.solve(kind(ONE)(x) + 0.1 * np.eye(12), x[:, 0])
    np.testing.assert_allclose(ridge.predict(x), kind(ONE)(x) @ dual, rtol=1e-9)
