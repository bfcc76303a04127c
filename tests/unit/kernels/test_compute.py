import jax
import numpy as np
import pytest

from widelimit import kernels
from widelimit.errors import InputError
from widelimit.kernels import compute, evaluate, task
from widelimit.networks import (
    AvgPool,
    Conv,
    Dense,
    Elementwise,
    Erf,
    FanOut,
    Flatten,
    Gelu,
    GlobalAvgPool,
    LayerNorm,
    Relu,
    Repeat,
    Residual,
    Serial,
    Tanh,
    mlp,
)

NET = mlp("relu", 3, w_std=1.4, b_std=0.1)


@pytest.mark.parametrize("tile", [1, 7, 13, 70, 1000, (70, 5), (3, 33)])
def test_the_tile_does_not_change_the_kernel(rng, tile):
    x1, x2 = rng.standard_normal((17, 4)), rng.standard_normal((34, 4))
    whole, tiled = kernels.compute(NET, x1, x2), kernels.compute(NET, x1, x2, tile=tile)
    for kernel, expected in zip(tiled, whole, strict=True):
        np.testing.assert_allclose(kernel, expected, rtol=1e-13, atol=1e-14)


def test_kernels_beyond_the_largest_number_are_refused():
    with pytest.raises(ValueError, match="NaN, or larger than numbers"):
        kernels.compute(NET, np.full((2, 3), 1e25), dtype="float32")


def test_large_pixels_in_single_precision(rng):
    """Second moments of 20,000, as those of images that nobody scaled."""
    x = rng.uniform(0, 255, (20, 50))
    for name in ("relu", "erf", "gelu"):
        net = mlp(name, 2)
        single, double = (kernels.compute(net, x, dtype=t).ntk for t in ("float32", "float64"))
        np.testing.assert_allclose(single, double, rtol=1e-5)


@pytest.mark.parametrize("tile", [7, 30, 40])
def test_one_set_gives_a_matrix_symmetric_to_the_bit(rng, tile):
    x = rng.standard_normal((90, 4))
    found = kernels.compute(NET, x, tile=tile)
    full = kernels.compute(NET, x, x)
    for kernel, expected in zip(found, full, strict=True):
        assert np.array_equal(kernel, kernel.T)
        np.testing.assert_allclose(kernel, expected, rtol=1e-13)


CNN = (Conv(3, (3,), w_std=1.3, b_std=0.2), Relu())


@pytest.mark.parametrize(
    "net",
    [
        Serial(*CNN, GlobalAvgPool(), Dense(1)),
        Serial(*CNN, AvgPool((2,)), Flatten(), Dense(1)),
        Serial(
            Flatten(), Dense(3), LayerNorm(), Erf(), Residual(Dense(3), Gelu(), Dense(3)),
            Dense(3), Repeat(Serial(Relu(), Dense(3)), 4),
        ),
    ],
)  # fmt: skip
def test_parts_equal_the_whole(rng, net):
    """The NNGP alone and the diagonal, for all kinds of layers."""
    x1, x2 = rng.standard_normal((2, 3, 4, 2))
    whole = compute(net, x1, x2, tolerance=0.1)
    alone = compute(net, x1, x2, get=("nngp",), tolerance=0.1)
    assert alone.ntk is None
    np.testing.assert_allclose(alone.nngp, whole.nngp, rtol=1e-13)
    diagonal = compute(net, x1, x2, diagonal=True, tolerance=0.1)
    for pair, kernel in zip(diagonal, whole, strict=True):
        np.testing.assert_allclose(pair, np.diag(kernel), rtol=1e-11)


def test_the_diagonal_of_one_set_is_that_of_its_kernel(rng):
    x = rng.standard_normal((7, 4))
    for variance, kernel in zip(compute(NET, x, diagonal=True), compute(NET, x), strict=True):
        np.testing.assert_allclose(variance, np.diag(kernel), rtol=1e-14)


def test_one_name_gives_one_array(rng):
    x = rng.standard_normal((5, 4))
    both = compute(NET, x)
    assert np.array_equal(compute(NET, x, get="ntk"), both.ntk)
    assert np.array_equal(compute(NET, x, get="nngp", diagonal=True), np.diag(both.nngp))
    only = compute(NET, x, get=("ntk",))
    assert only.nngp is None
    assert np.array_equal(only.ntk, both.ntk)


def test_diagonals_come_in_tiles_too(rng):
    x1, x2 = rng.standard_normal((2, 23, 4))
    whole, tiled = (compute(NET, x1, x2, diagonal=True, tile=tile) for tile in (None, 5))
    for a, b in zip(tiled, whole, strict=True):
        assert a.shape == (23,)
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_diagonals_need_pairs_and_no_folder(rng, tmp_path):
    x = rng.standard_normal((5, 4))
    with pytest.raises(ValueError, match="x1 has 5 samples and x2 3"):
        compute(NET, x, x[:3], diagonal=True)
    with pytest.raises(ValueError, match="leave `out` away"):
        compute(NET, x, diagonal=True, out=tmp_path)


def test_a_folder_gives_the_same_numbers(rng, tmp_path):
    x1, x2 = rng.standard_normal((70, 4)), rng.standard_normal((41, 4))
    for name, other in (("one", None), ("two", x2)):
        expected = compute(NET, x1, other, tile=11)
        found = compute(NET, x1, other, tile=11, out=tmp_path / name)
        assert found.sizes == {"sample": 70, "sample_other": 70 if other is None else 41}
        for kernel in ("nngp", "ntk"):
            assert np.array_equal(found[kernel], getattr(expected, kernel))
    assert len(list((tmp_path / "one").glob("tile-*.nc"))) == 3  # blocks of 30, 30 and 10
    only = compute(NET, x1, get="ntk", out=tmp_path / "ntk", dtype="float32")
    assert list(only) == ["ntk"]
    assert only.ntk.dtype == np.float32
    assert {"long_name", "units"} <= set(only.ntk.attrs)


def test_what_is_finished_is_not_computed_again(rng, tmp_path, monkeypatch):
    x = rng.standard_normal((9, 4))
    first = compute(NET, x, out=tmp_path, tile=4)
    monkeypatch.setattr(task, "evaluate", None)
    again = compute(NET, x, out=tmp_path)  # in the tiles that are there
    assert np.array_equal(first.ntk, again.ntk)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"net": mlp("relu", 3, w_std=1.5, b_std=0.1)}, "w_std is 1.4 there and 1.5 here"),
        ({"dtype": "float32"}, "dtype is 'float64' there and 'float32' here"),
        ({"tile": 2}, "tile.0 is 3 there and 2 here"),
        ({"tolerance": 1e-3}, "tolerance is 1e-06 there and 0.001 here"),
        ({"get": "ntk"}, "get is"),
        ({"x1": np.ones((5, 4))}, "x1_sha256 is"),
        ({"x2": np.ones((5, 4))}, "x2_sha256 is None there"),
    ],
)
def test_a_folder_of_another_kernel_is_refused(tmp_path, change, said):
    asked = {"net": NET, "x1": np.arange(20.0).reshape(5, 4), "tile": 3, "out": tmp_path}
    compute(**asked)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(InputError, match="Name another folder") as refusal:
        compute(**(asked | change))
    assert said in str(refusal.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_bad_network_leaves_no_folder(rng, tmp_path):
    with pytest.raises(ValueError, match="2 branches"):
        compute(Serial(Dense(3), FanOut(2)), rng.standard_normal((2, 4)), out=tmp_path / "k")
    assert not (tmp_path / "k").exists()


def test_small_sets_of_images_are_not_padded(rng, monkeypatch):
    shapes = []

    def evaluate(net, first, second, **options):
        shapes.append((first.x.shape, second.x.shape))
        return evaluated(net, first, second, **options)

    evaluated = task.evaluate
    monkeypatch.setattr(task, "evaluate", evaluate)
    images = rng.standard_normal((6, 8, 8, 1))
    compute(Serial(Conv(3, (3, 3), strides=2), GlobalAvgPool(), Dense(1)), images)
    assert shapes == [((6, 8, 8, 1), (6, 8, 8, 1))]


def test_the_precision_is_an_argument(rng):
    x = rng.standard_normal((5, 4))
    double, single = (kernels.compute(NET, x, dtype=d) for d in ("float64", "float32"))
    assert double.ntk.dtype == np.float64
    assert single.ntk.dtype == np.float32
    np.testing.assert_allclose(single.ntk, double.ntk, rtol=1e-5)
    with pytest.raises(ValueError, match="float16.*expected one of"):
        kernels.compute(NET, x, dtype="float16")


def test_inputs_that_are_not_finite_are_refused(rng):
    x = rng.standard_normal((5, 4))
    x[2, 1] = np.nan
    with pytest.raises(ValueError, match="x1 has 1 entries that are NaN"):
        kernels.compute(NET, x)


def test_no_inputs_give_an_empty_kernel(rng):
    found = kernels.compute(NET, rng.standard_normal((3, 4)), np.empty((0, 4)))
    assert found.nngp.shape == found.ntk.shape == (3, 0)
    assert kernels.compute(NET, np.empty((0, 4)), diagonal=True).ntk.shape == (0,)


def test_no_inputs_give_an_empty_folder(rng, tmp_path):
    found = kernels.compute(NET, rng.standard_normal((3, 4)), np.empty((0, 4)), out=tmp_path)
    assert found.ntk.values.shape == (3, 0)


def test_a_bar_is_shown_for_long_work_alone(rng, capsys, monkeypatch):
    x = rng.standard_normal((5, 4))

    def shown(**options):
        compute(NET, x, **options)
        return "kernel tiles" in capsys.readouterr().err

    compute(NET, x, tile=2)  # compiled
    capsys.readouterr()
    monkeypatch.setattr(task, "_DELAY", 60.0)
    assert not shown(tile=2)
    monkeypatch.setattr(task, "_DELAY", 0.0)
    assert shown(tile=2)
    assert not shown(tile=2, progress=False)
    assert not shown()


@pytest.mark.thorough(only=("0.001",))
@pytest.mark.parametrize("tolerance", [1e-3, 1e-8])
def test_series_are_as_long_as_the_tolerance_takes(tolerance):
    x = np.array([[1.0, 0.0], [1.0, 0.1], [0.3, 1.0]])
    net = Serial(Dense(1, w_std=2.5), Tanh(), Dense(1))
    found, fine = (compute(net, x, tolerance=t).ntk for t in (tolerance, 1e-13))
    error = np.max(np.abs(found - fine)) / np.min(compute(net, x).nngp.diagonal())
    assert 1e-5 * tolerance < error < tolerance


@pytest.mark.thorough
def test_what_no_order_can_do_is_refused(monkeypatch):
    monkeypatch.setattr(evaluate, "ORDERS", (16, 32))
    x = np.array([[1.0, 0.0], [1.0, 0.1], [0.3, 1.0]])
    with pytest.raises(ValueError, match=r"order \d+ would do"):
        compute(Serial(Dense(1), Tanh(), Dense(1)), x, tolerance=1e-12)
    with pytest.raises(ValueError, match="leave its `order` out"):
        compute(Serial(Dense(1, w_std=4.0), Tanh(order=8), Dense(1)), x)
    with pytest.raises(ValueError, match="If the function has a kink"):
        compute(Serial(Dense(1), Elementwise(jax.nn.elu), Dense(1)), x)


def test_branches_that_are_not_joined_are_refused(rng):
    with pytest.raises(ValueError, match="the network ends in 2 branches"):
        compute(Serial(Dense(3), FanOut(2)), rng.standard_normal((2, 4)))
