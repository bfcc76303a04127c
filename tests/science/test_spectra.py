"""Eigenvalues on the sphere, effective ranks, and generalisation from spectra."""

import functools

import numpy as np
import pytest

from widelimit.networks import mlp
from widelimit.theory import sphere
from widelimit.theory.double_descent import isotropic_prediction
from widelimit.theory.eigenlearning import learn
from widelimit.theory.spectra import effective_ranks

INFINITE = 10**7
"""Terms that stand for an infinite sum; the tail behind them is added as an integral."""


@functools.cache
def relu_eigenvalues(depth, b_std, dimension, degrees):
    net = mlp("relu", depth, w_std=2**0.5, b_std=b_std)
    return sphere.eigenvalues(net, dimension, degrees, nodes=2000)


@pytest.mark.reference("sphere/")
def test_eigenvalues_on_the_sphere(agree, reference):
    """Bias-free values are stated for κ(1) = 1, ours for σ_w² = 2, |x|² = d: twice as large."""
    kind = reference["id"].split("/")[2]
    biased, depth = "bias" in kind, int(kind.removeprefix("nngp").removeprefix("ntk")[0])
    d, k = reference["params"]["d"], reference["params"]["k"]
    kernels = relu_eigenvalues(depth, 1.0 if biased else None, d, 10)
    values = getattr(kernels, "ntk" if "ntk" in kind else "nngp")
    scale = 1 if biased else 2
    agree("eigenvalues on the sphere", values[k], scale * reference["value"], rtol=1e-9, atol=1e-14)
    assert sphere.multiplicity(d, k) == reference["params"]["multiplicity"]


@pytest.mark.reference("sphere_E0/")
def test_noise_gain_on_the_sphere(reference):
    kind, depth = reference["id"].split("/")[2][:-1], int(reference["id"].split("/")[2][-1])
    values = relu_eigenvalues(depth, None, 3, 400)
    spectrum = sphere.repeat_by_multiplicity(getattr(values, kind), 3)
    found = learn(spectrum[spectrum > 1e-17], reference["params"]["n"]).noise_gain
    assert found == pytest.approx(reference["value"], rel=0.01)


@pytest.mark.parametrize("activation", ["relu", "erf", "gelu"])
@pytest.mark.parametrize("d", [2, 4])
def test_eigenvalues_agree_with_monte_carlo(rng, activation, d):
    """μ_k = E[κ(x·y) P_k(x·y)] over independent uniform x and y; here k = 1, P₁ = cos θ."""
    net = mlp(activation, 3, w_std=1.3, b_std=0.2)
    x = rng.standard_normal((100_000, d))
    cosine = x[:, 0] / np.linalg.norm(x, axis=1)
    samples = sphere.on_angles(net, np.arccos(cosine)).ntk * cosine
    error = samples.std() / np.sqrt(samples.size)
    assert abs(samples.mean() - sphere.eigenvalues(net, d, 2).ntk[1]) < 4 * error


@pytest.mark.parametrize(("activation", "odd"), [("erf", True), ("sin", True)])
def test_odd_networks_without_biases_have_odd_spectra(activation, odd):
    values = sphere.eigenvalues(mlp(activation, 3, w_std=1.3), 4, 7).nngp
    assert np.all(np.abs(values[::2]) < 1e-14)
    assert np.all(values[1::2] > 0)


@pytest.mark.reference("effrank/")
def test_effective_ranks(reference):
    law, k = reference["inputs"]["lambda"], reference["params"]["k"]
    i = np.arange(1, INFINITE + 1, dtype=float)
    if "i^-" in law:
        power = float(law.split("i^-")[1].split(",")[0])
        # The terms behind the last one, as the integral of the power law (midpoint rule).
        cut = INFINITE + 0.5
        tails = [cut ** (1 - p) / (p - 1) for p in (power, 2 * power)]
        values = i**-power
    else:
        tails = [0.0, 0.0]
        if law.startswith("exp"):
            values = np.exp(-i[:800])
        elif law.startswith("["):
            values = np.array([1.0] + [0.01] * 999)
        else:
            i = i[: 10**6]
            values = 1 / (i * np.log(i + np.e - 1) ** 2)
    sums = values[k:].sum() + tails[0], (values[k:] ** 2).sum() + tails[1]
    expected = sums[0] / values[k], sums[0] ** 2 / sums[1]
    np.testing.assert_allclose(expected, reference["value"], rtol=1e-7)
    if not tails[0]:
        found = effective_ranks(values, np.array([k]))
        np.testing.assert_allclose([f[0] for f in found], reference["value"], rtol=1e-10)


@pytest.mark.reference("eigenlearning/")
def test_generalisation_from_the_spectrum(reference):
    given, params = reference["inputs"], reference["params"]
    i = np.arange(1, given["M"] + 1, dtype=float)
    laws = {"i^-2": i**-2, "i^-1.5": i**-1.5, "exp(-i)": np.exp(-i), "0": 0 * i}
    found = learn(laws[given["lambda"]], params["n"], params["ridge_delta"])
    error = found.test_error(laws[given["v2"]], params["noise_var"])
    np.testing.assert_allclose(
        [found.kappa, found.noise_gain, error], reference["value"], rtol=1e-8
    )


@pytest.mark.reference("double_descent/")
def test_the_isotropic_double_descent(reference):
    n, p = reference["inputs"]["n"], reference["inputs"]["p"]
    assert isotropic_prediction(n, p, 1.0) == pytest.approx(reference["value"], rel=1e-13)
