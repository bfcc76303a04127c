"""Pairs of images by Numba, on processors and on a device in its simulator, beside the compiled code."""

import functools
from types import SimpleNamespace

import numpy as np
import pytest

from widelimit import networks as nets
from widelimit.kernels import carriers, compute
from widelimit.kernels.image_programs import Batch, ImageProgram
from widelimit.native import engine as native
from widelimit.native import fallback
from widelimit.native.image_steps import Readout, parts

pytest.importorskip("numba_cuda", reason="Numba has no kernels for GPUs on this system")
from widelimit.gpu import engine

CARRIERS = {"numba": fallback.images, "device": engine.images}

pytestmark = pytest.mark.skipif(native is None, reason="no compiler was there to build it")

RELU, POOL = nets.Relu(), nets.AvgPool((2, 2), (2, 2))


def conv(size=3, padding="SAME", b_std=0.3):
    return nets.Conv(1, (size, size), padding=padding, w_std=1.4, b_std=b_std)


NETWORKS: dict[str, tuple] = {
    "plain": (conv(), RELU, conv(), RELU),
    "no layers": (),
    "large and even windows": (conv(5), RELU, conv(2), nets.LeakyRelu(0.3), conv(1), nets.Abs()),
    "no padding": (conv(padding="VALID"), RELU, conv(2, "VALID"), RELU),
    "periodic": (conv(padding="CIRCULAR"), RELU, conv(4, "CIRCULAR"), RELU),
    "pooled": (conv(), RELU, POOL, nets.Dense(1, 0.9, 0.2), RELU, conv()),
    "pooled twice": (POOL, conv(), RELU, nets.SumPool((2, 2), (2, 2))),
    "branches": (conv(), nets.Residual(RELU, conv(), nets.Residual(RELU, conv())), RELU),
    "not trained": (nets.Frozen(conv()), RELU, nets.Frozen(conv()), RELU),
}


SHAPES = {"pooled": (2, 4, 2), "pooled twice": (4, 4, 1), "no padding": (5, 4, 1)}
"""Images that are not of 4 × 3 positions with 2 channels."""


def special(rng, shape):
    """Two images, and others: an opposite one, a black one, and the same."""
    x = rng.standard_normal((2, *shape))
    return x, np.stack([-x[0], 0 * x[0], x[1]])


def carried(by, layers, x, y, readout, dtype="float64"):
    """Sums by compiled code, and by another carrier."""
    layers = [part for layer in layers for part in parts(layer)]
    one, other = (Batch(nets.Serial(*layers).inputs_of(z.astype(dtype))) for z in (x, y))
    return [
        ImageProgram(layers, x.shape[1:], readout, carry).sums(one, other, triangle=x is y)
        for carry in (native.images, CARRIERS[by])
    ]


def assert_equal(found, expected, rtol):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * np.abs(b).max())


@pytest.mark.thorough(but=("numba", "device-plain-1", "device-pooled-1", "device-branches-0", "device-periodic-0"))  # fmt: skip
@pytest.mark.parametrize("readout", [Readout.ALL_POSITIONS, Readout.EQUAL_POSITIONS])
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("by", CARRIERS)
def test_sums_are_those_of_compiled_code(double, rng, by, name, readout):
    x, y = special(rng, SHAPES.get(name, (4, 3, 2)))
    expected, found = carried(by, NETWORKS[name], x, y, readout)
    assert_equal(found, expected, 1e-13)


@pytest.mark.thorough(only=("numba",))  # it compiles anew
@pytest.mark.parametrize("by", CARRIERS)
def test_single_precision_stays_within_rounding(rng, by):
    x, y = special(rng, (3, 3, 1))
    expected, found = carried(by, NETWORKS["plain"], x, y, Readout.ALL_POSITIONS, "float32")
    assert found[0].dtype == np.float64  # sums over positions
    assert_equal(found, expected, 1e-6)


@pytest.mark.parametrize("by", CARRIERS)
def test_of_a_triangle_the_upper_half_is_computed_and_pairs_go_in_parts(
    monkeypatch, double, rng, by
):
    monkeypatch.setattr(engine, "_TOGETHER", 2)
    x = rng.standard_normal((6 if by == "numba" else 3, 2, 2, 1))
    expected, found = carried(by, NETWORKS["plain"], x, x, Readout.ALL_POSITIONS)
    assert_equal(found, expected, 1e-13)
    assert found[0][1, 0] == 0


def test_without_a_compiler_numba_takes_it_and_says_so_once(monkeypatch, caplog, rng):
    net = nets.Serial(conv(), RELU, POOL, nets.GlobalAvgPool(), nets.Dense(1))
    x = rng.standard_normal((2, 4, 4, 1))
    expected = compute(net, x)
    monkeypatch.setattr(carriers, "engine", None)
    carriers._by_numba.cache_clear()
    for _ in range(2):
        assert_equal(compute(net, x), expected, 1e-13)
    (message,) = [record.message for record in caplog.records]
    assert "no C++ compiler" in message
    assert "Numba" in message
    assert carriers.carrier((conv(), nets.Erf()), (4, 4, 1), np.float64) is None


@pytest.fixture
def on_gpu(monkeypatch):
    """The device of JAX remains the processor, and kernels run in the simulator."""
    monkeypatch.setattr(carriers, "is_gpu", lambda: True)
    monkeypatch.setattr(carriers, "devices", lambda: [SimpleNamespace(local_hardware_id=0)])


def test_computations_with_a_gpu_take_it(monkeypatch, rng, on_gpu):
    net = nets.Serial(conv(), RELU, nets.GlobalAvgPool(), nets.Dense(1))
    x = rng.standard_normal((2, 3, 3, 1))
    taken = []
    monkeypatch.setattr(engine, "images", functools.partial(_counted, engine.images, taken))
    found = compute(net, x)
    monkeypatch.undo()
    assert taken
    assert_equal(found, compute(net, x), 1e-13)


def _counted(call, taken, *arguments, **options):
    taken.append(1)
    return call(*arguments, **options)


@pytest.mark.parametrize(
    ("layers", "shape", "known"),
    [
        ((conv(), RELU), (64, 64, 3), True),
        ((conv(), RELU), (128, 128, 3), False),
        ((conv(), RELU), (2, 1025, 1), False),
        ((conv(), nets.Erf()), (4, 4, 1), False),
    ],
)
def test_what_does_not_fit_goes_the_general_way(on_gpu, layers, shape, known):
    assert (carriers.carrier(layers, shape, np.float32) is not None) == known


def test_without_numba_it_is_said_what_to_install(monkeypatch, on_gpu):
    monkeypatch.setattr(carriers, "_gpu", lambda: None)
    assert "install widelimit[cuda]" in carriers.missing()


def test_without_compiler_and_numba_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(carriers, "engine", None)
    monkeypatch.setattr(carriers, "_has", lambda module: False)
    assert "install one of both" in carriers.missing()
