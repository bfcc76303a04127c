import numpy as np
import pytest
from scipy import stats
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from widelimit.networks import mlp
from widelimit.sklearn.marginal_likelihood import covariances, fit

NET = mlp("relu", 2, w_std=1.4, b_std=0.1)
COVARIANCES = covariances(NET, 3, ["0__b_std"])


def drawn(rng, covariance, inputs, outputs):
    """Targets that are drawn from a Gaussian process."""
    matrix = covariance(inputs)
    return np.linalg.cholesky(matrix) @ rng.standard_normal((len(inputs), outputs))


def test_all_covariances_are_of_order_one_on_standardised_inputs(rng):
    x = rng.standard_normal((200, 3))
    for name, covariance in COVARIANCES.items():
        assert 0.5 < np.mean(covariance.diag(x)) < 4, name


def test_what_is_fitted_is_amplitude_noise_and_at_most_one_shape():
    free = {
        name: [h.name.split("__")[-1] for h in covariance.hyperparameters if not h.fixed]
        for name, covariance in COVARIANCES.items()
    }
    shapes = {"RBF": ["length_scale"], "linear": [], "NTK": ["b_std"], "NNGP": ["b_std"]}
    for name, shape in shapes.items():
        assert free[name] == ["constant_value", *shape, "noise_level"]


def test_a_hyper_parameter_that_the_network_has_not_is_refused():
    kernel = covariances(NET, 3, ["7__b_std"])["NTK"]
    with pytest.raises(ValueError, match="7__b_std.*expected patterns of.*net__0__b_std"):
        _ = kernel.theta


def test_the_fit_finds_the_hyper_parameters_that_made_the_data(rng):
    x = rng.standard_normal((80, 3))
    truth = ConstantKernel(4.0) * RBF(1.5) + WhiteKernel(0.05)
    found = fit(COVARIANCES["RBF"], x, drawn(rng, truth, x, 15), restarts=1, seed=0)
    assert found.hyper == pytest.approx(
        {"constant_value": 4, "length_scale": 1.5, "noise_level": 0.05}, rel=0.2
    )
    assert (found.at_bound, found.unconverged) == ([], 0)


def test_predictions_are_of_targets_with_their_noise(rng):
    x = rng.standard_normal((60, 3))
    y = drawn(rng, COVARIANCES["RBF"], x, 1)
    found = fit(COVARIANCES["RBF"], x[:40], y[:40], restarts=0, seed=0)
    mean, std = found.predict(x[40:])
    a, length, noise = found.hyper.values()
    signal = ConstantKernel(a) * RBF(length)
    solved = np.linalg.solve(signal(x[:40]) + noise * np.eye(40), signal(x[:40], x[40:]))
    np.testing.assert_allclose(mean, solved.T @ y[:40], rtol=1e-6)
    variance = a + noise - np.sum(signal(x[:40], x[40:]) * solved, axis=0)
    np.testing.assert_allclose(std[:, 0] ** 2, variance, rtol=1e-6)


def test_predictions_of_several_targets_have_a_column_for_each(rng):
    x, y = rng.standard_normal((12, 3)), rng.standard_normal((12, 2))
    mean, std = fit(COVARIANCES["linear"], x, y, restarts=0, seed=0).predict(x[:5])
    assert mean.shape == std.shape == (5, 2)


def test_hyper_parameters_at_their_bounds_are_named(rng):
    """Pure noise needs no amplitude."""
    x, y = rng.standard_normal((50, 3)), rng.standard_normal((50, 1))
    y -= x @ np.linalg.lstsq(x, y, rcond=None)[0]
    found = fit(COVARIANCES["linear"], x, y, restarts=0, seed=0)
    assert found.at_bound == ["constant_value"]
    assert found.hyper["noise_level"] == pytest.approx(np.mean(y**2), rel=0.01)


def test_starts_that_do_not_converge_are_counted(rng, monkeypatch):
    from widelimit.sklearn import marginal_likelihood

    def cut(*arguments, **options):
        return minimize(*arguments, **options, options={"maxiter": 1})

    minimize = marginal_likelihood.minimize
    monkeypatch.setattr(marginal_likelihood, "minimize", cut)
    x, y = rng.standard_normal((20, 3)), rng.standard_normal((20, 1))
    assert fit(COVARIANCES["RBF"], x, y, restarts=2, seed=0).unconverged == 3


def test_more_starts_are_never_worse(rng):
    x = rng.standard_normal((30, 3))
    y = np.sin(6 * x[:, :1])
    likelihoods = [
        fit(COVARIANCES["RBF"], x, y, restarts=n, seed=1).process.log_marginal_likelihood_value_
        for n in (0, 2)
    ]
    assert likelihoods[1] >= likelihoods[0]


def test_a_process_with_the_kernel_that_made_the_data_is_calibrated(rng):
    """Coverage at one test input, over 400 independent draws of the process: binomial."""
    kernel = COVARIANCES["NNGP"]
    x = rng.standard_normal((60, 3))
    found = fit(kernel, x[:40], (y := drawn(rng, kernel, x, 400))[:40], restarts=0, seed=0)
    mean, std = found.predict(x[40:])
    z = ((y[40:] - mean) / std)[7]
    for level in (0.5, 0.9):
        inside = np.abs(z) <= stats.norm.ppf((1 + level) / 2)
        low, high = stats.binom.interval(0.999, 400, level)
        assert low <= inside.sum() <= high
