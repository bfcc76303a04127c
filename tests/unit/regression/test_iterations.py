import logging

import numpy as np
import pytest

from widelimit.errors import InputError
from widelimit.kernels import compute
from widelimit.networks import mlp
from widelimit.regression import KernelOnDisk, conjugate_gradients, factorise, nystrom

RIDGE = 1e-3


@pytest.fixture(scope="module")
def samples():
    return np.random.default_rng(0).standard_normal((200, 3))


@pytest.fixture(scope="module")
def kernel(samples):
    return compute(mlp("relu", 3), samples, get="ntk")


@pytest.fixture(scope="module")
def folder(samples, tmp_path_factory):
    path = tmp_path_factory.mktemp("kernel")
    compute(mlp("relu", 3), samples, get="ntk", tile=48, out=path)
    return path


def targets(n=200, outputs=4):
    return np.random.default_rng(1).standard_normal((n, outputs))


def test_iterations_find_what_factors_do(kernel):
    found = conjugate_gradients(kernel, targets(), ridge=RIDGE, tolerance=1e-12)
    exact = factorise(kernel, RIDGE).solve(targets())
    np.testing.assert_allclose(found.weights, exact.weights, rtol=1e-6, atol=1e-6)
    assert found.residual < 2e-12


def test_columns_of_the_kernel_save_iterations(kernel):
    plain = conjugate_gradients(kernel, targets(), ridge=RIDGE)
    helped = conjugate_gradients(
        kernel, targets(), ridge=RIDGE, precondition=nystrom(kernel[:, :100], RIDGE)
    )
    assert helped.residual <= 2e-6
    assert helped.iterations < plain.iterations / 2


def test_all_columns_leave_nothing_to_do(kernel):
    found = conjugate_gradients(kernel, targets(), ridge=RIDGE, precondition=nystrom(kernel, RIDGE))
    assert found.iterations <= 3


def test_targets_that_are_zero_stay_so(kernel):
    y = targets() * [1, 0, 1, 1]
    found = conjugate_gradients(kernel, y, ridge=RIDGE)
    np.testing.assert_array_equal(found.weights[:, 1], 0)
    assert found.residual <= 2e-6


def test_what_was_not_reached_is_said(kernel, caplog):
    with caplog.at_level(logging.WARNING):
        found = conjugate_gradients(kernel, targets(), ridge=RIDGE, iterations=2)
    assert "stopped at a residual" in caplog.text
    assert found.iterations == 2
    assert found.residual > 1e-6


def test_products_with_a_kernel_on_disk(folder, kernel):
    disk = KernelOnDisk(folder)
    np.testing.assert_allclose(disk @ targets(), kernel @ targets(), rtol=1e-12, atol=1e-12)
    for count in (1, 50, 200):
        np.testing.assert_allclose(disk.columns(count), kernel[:, :count], rtol=1e-14)


def test_each_file_is_read_once(folder, monkeypatch):
    disk, seen = KernelOnDisk(folder), []
    read = disk._read

    def counted(i, j):
        seen.append((i, j))
        return read(i, j)

    monkeypatch.setattr(disk, "_read", counted)
    disk @ targets()
    assert len(seen) == len(set(seen)) == len(list(folder.glob("tile-*.nc")))


def test_a_kernel_on_disk_is_solved(folder, kernel):
    disk = KernelOnDisk(folder)
    found = conjugate_gradients(
        disk,
        targets(),
        ridge=RIDGE,
        precondition=nystrom(disk.columns(100), RIDGE),
        tolerance=1e-10,
    )
    exact = factorise(kernel, RIDGE).solve(targets())
    np.testing.assert_allclose(found.weights, exact.weights, rtol=1e-4, atol=1e-4)


def test_a_kernel_in_float32_has_a_preconditioner(samples):
    squares = np.sum((samples[:, None] - samples) ** 2, -1)
    smooth = np.exp(-squares / 8).astype(np.float32).astype(float)
    found = conjugate_gradients(
        smooth, targets(), ridge=1e-2, precondition=nystrom(smooth[:, :150], 1e-2)
    )
    assert found.residual <= 2e-6
    with pytest.raises(InputError, match="not those of a kernel"):
        nystrom(-smooth, 1e-2)


def test_what_does_not_fit_a_kernel_on_disk_is_refused(folder):
    disk = KernelOnDisk(folder)
    with pytest.raises(
        InputError, match=r"weights have shape \(201, 4\), expected \(200, outputs\)"
    ):
        disk @ targets(201)
    with pytest.raises(InputError, match="count is 201, expected 1 to 200"):
        disk.columns(201)
    with pytest.raises(InputError, match="targets have shape"):
        conjugate_gradients(disk, targets(199))


def test_folders_that_do_not_serve_are_refused(folder, samples, tmp_path):
    with pytest.raises(InputError, match="holds no nngp"):
        KernelOnDisk(folder, "nngp")
    with pytest.raises(InputError, match="holds no ntk"):
        KernelOnDisk(tmp_path)
    compute(mlp("relu", 3), samples, get="ntk", tile=48, out=tmp_path / "k")
    next((tmp_path / "k").glob("tile-*.nc")).unlink()
    with pytest.raises(InputError, match="not finished"):
        KernelOnDisk(tmp_path / "k")
