import logging
import tracemalloc

import numpy as np
import psutil
import pytest

from widelimit.errors import InputError
from widelimit.regression import RidgePath, factorise, leave_one_out, memory


def kernel(n=300, rank=None, seed=0):
    root = np.random.default_rng(seed).standard_normal((n, rank or 2 * n))
    return root @ root.T / n


def targets(n=300, outputs=3):
    return np.random.default_rng(1).standard_normal((n, outputs))


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_weights_solve_the_equation(ridge):
    k, y = kernel(), targets()
    found = factorise(k, ridge).solve(y)
    exact = np.linalg.solve(k + ridge * np.eye(300), y)
    np.testing.assert_allclose(found.weights, exact, rtol=1e-10)
    assert found.residual < 1e-14
    assert found.ridge == ridge


def test_one_column_of_targets_may_be_a_vector():
    y = targets()[:, 0]
    assert factorise(kernel()).solve(y).weights.shape == y.shape


def test_residuals_are_those_of_the_kernel():
    k, y = kernel(), targets()
    factor = factorise(k, 0.1)
    weights = np.random.default_rng(2).standard_normal((300, 3))
    np.testing.assert_allclose(
        factor.product(weights), k @ weights + 0.1 * weights, rtol=1e-12, atol=1e-12
    )
    # What is wrong with a factor shows in the residual.
    factor.matrix[200:, 100] += 0.01
    assert factor.solve(y).residual > 1e-10


def test_memory_is_that_of_the_kernel():
    k = kernel()
    same = k.copy()
    factor = factorise(same, overwrite=True)
    assert np.shares_memory(factor.matrix, same)
    kept = k.copy()
    assert not np.shares_memory(factorise(kept).matrix, kept)
    np.testing.assert_array_equal(kept, k)
    assert memory(60_000) == pytest.approx(8 * 60_000**2, rel=1e-3)


def test_a_kernel_that_is_singular_gets_a_ridge_that_is_told(caplog):
    k = kernel(rank=20)
    with caplog.at_level(logging.WARNING):
        factor = factorise(k)
    assert "singular to rounding" in caplog.text
    assert 0 < factor.ridge <= 1e-10 * np.mean(np.diagonal(k))
    np.testing.assert_allclose(np.tril(factor.matrix) @ np.tril(factor.matrix).T, k, atol=1e-9)


def test_no_small_ridge_helps_what_is_not_positive():
    k = kernel()
    k[0, 0] = -1
    with pytest.raises(
        InputError, match="is singular to rounding with ridge 0, and with 4e-10 more"
    ):
        factorise(k)


@pytest.mark.parametrize(
    ("k", "ridge", "message"),
    [
        (np.ones((3, 4)), 0.0, "shape"),
        (np.triu(np.ones((4, 4))), 0.0, "symmetric"),
        (np.full((4, 4), np.nan), 0.0, "NaN"),
        (np.eye(4), -1.0, "negative"),
    ],
)
def test_what_is_no_kernel_is_refused(k, ridge, message):
    with pytest.raises(InputError, match=message):
        factorise(k, ridge)


def test_nan_outside_of_what_is_looked_at_is_refused():
    for place in ((150, 150), (1, 2)):
        k = kernel()
        k[place] = k[place[::-1]] = np.nan
        with pytest.raises(InputError, match="NaN"):
            factorise(k)


def test_targets_of_other_samples_are_refused():
    factor = factorise(kernel())
    for y in (np.zeros((600, 3)), np.zeros((300, 2, 2))):
        with pytest.raises(
            InputError, match=r"targets have shape .*, expected \(300,\) or \(300, outputs\)"
        ):
            factor.solve(y)


def test_a_kernel_in_float32_is_singular_at_its_own_rounding():
    x = np.random.default_rng(0).standard_normal((300, 2))
    squares = np.sum((x[:, None] - x) ** 2, -1)
    smooth = np.exp(-squares / 2).astype(np.float32)
    factor = factorise(smooth, warn=False)
    assert 1e-8 < factor.ridge < 1e-4
    with pytest.raises(InputError, match="singular to rounding with ridge 0: its first"):
        factorise(smooth, jitter=False)


def test_leave_one_out_takes_no_second_kernel():
    factor, y = factorise(kernel(1500)), targets(1500)
    tracemalloc.start()
    leave_one_out(factor, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.6 * factor.matrix.nbytes


def test_memory_that_is_not_there_is_not_taken(monkeypatch):
    free = psutil.virtual_memory()._replace(available=1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    with pytest.raises(InputError, match="conjugate_gradients"):
        factorise(kernel())


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_each_sample_is_predicted_by_the_others(ridge):
    k, y = kernel(), targets()
    found = leave_one_out(factorise(k, ridge), y)
    for i in (0, 7, 299):
        rest = np.delete(np.arange(300), i)
        matrix = k[np.ix_(rest, rest)] + ridge * np.eye(299)
        expected = k[i, rest] @ np.linalg.solve(matrix, y[rest])
        np.testing.assert_allclose(found[i], expected, rtol=1e-8)


def test_one_decomposition_has_all_ridges():
    k, y = kernel(), targets()
    path = RidgePath.of(k, y)
    for ridge in (0.0, 1e-3, 1.0):
        factor = factorise(k, ridge)
        np.testing.assert_allclose(path.weights(ridge), factor.solve(y).weights, rtol=1e-9)
        np.testing.assert_allclose(path.leave_one_out(ridge), leave_one_out(factor, y), rtol=1e-8)


def test_a_ridge_below_the_spectrum_is_refused():
    with pytest.raises(InputError, match="expected a ridge above"):
        RidgePath.of(kernel(rank=20), targets()).weights(0.0)
