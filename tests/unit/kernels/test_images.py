"""Images by compiled code, beside the formulas written down for arrays over all pairs of positions."""

import gc
import logging
import weakref

import jax
import numpy as np
import pytest

from widelimit import networks as nets
from widelimit.kernels import carriers, compute, images
from widelimit.kernels.image_programs import Batch, ImageProgram
from widelimit.kernels.images import Images
from widelimit.native.image_steps import Readout

pytestmark = pytest.mark.skipif(carriers.engine is None, reason="no compiler was there to build it")

DENSE = nets.Dense(1, 1.2, 0.1)


def conv(size=3, padding="SAME", b_std=0.3):
    return nets.Conv(1, (size, size), padding=padding, w_std=1.4, b_std=b_std)


def plain(net, x, y):
    """NNGP and NTK of one pair, of layers with ReLU, from arrays over all pairs of positions."""
    pairs = [np.einsum("abc,dec->abde", u, v) / x.shape[-1] for u, v in ((x, y), (x, x), (y, y))]
    state = [(k, 0 * k) for k in pairs]
    for part in net.layers:
        state = STEPS[type(part)](part, state)
    return state[0]


def convolved(part, state):
    def windows(k):
        size, mode = part.filter_shape[0], {"SAME": "constant", "CIRCULAR": "wrap"}
        if part.padding != "VALID":
            k = np.pad(k, ((size - 1) // 2, size // 2), mode=mode[part.padding])
        h, w = (n - size + 1 for n in k.shape[:2])
        cells = [(i, j) for i in range(size) for j in range(size)]
        return sum(k[i : i + h, j : j + w, i : i + h, j : j + w] for i, j in cells) / size**2

    return [affine(part, windows(k), windows(t)) for k, t in state]


def affine(part, k, theta):
    k = part.w_std**2 * k + (part.b_std or 0) ** 2
    return k, k + part.w_std**2 * theta


def rectified(_part, state):
    q1, q2 = (np.einsum("abab->ab", k) for k, _ in state[1:])
    norms = [(q1, q2), (q1, q1), (q2, q2)]
    return [
        arccosine(k, t, *(np.sqrt(q) for q in n)) for (k, t), n in zip(state, norms, strict=True)
    ]


def arccosine(k, theta, r1, r2):
    scale = r1[:, :, None, None] * r2
    c = np.clip(k / np.where(scale > 0, scale, 1), -1, 1)
    c = np.where(np.abs(np.abs(c) - 1) < 1e-14, np.round(c), c)
    angle = np.arccos(c)
    share = 1 - angle / np.pi
    return scale / 2 * (np.sqrt(1 - c * c) / np.pi + c * share), theta * share / 2


def pooled(part, state):
    def of(k):
        for axis in range(4):
            k = np.add.reduceat(k, range(0, k.shape[axis], 2), axis)
        return k / (16 if isinstance(part, nets.AvgPool) else 1)

    return [(of(k), of(t)) for k, t in state]


STEPS = {
    nets.Conv: convolved,
    nets.Relu: rectified,
    nets.AvgPool: pooled,
    nets.SumPool: pooled,
    nets.Dense: lambda part, state: [affine(part, *both) for both in state],
    nets.GlobalAvgPool: lambda _, state: [(k.mean(), t.mean()) for k, t in state],
    nets.GlobalSumPool: lambda _, state: [(k.sum(), t.sum()) for k, t in state],
    nets.Flatten: lambda _, state: [
        tuple(np.einsum("abab->ab", u).mean() for u in both) for both in state
    ],
}

RELU, POOL, GAP, FLAT = (
    nets.Relu(),
    nets.AvgPool((2, 2), (2, 2)),
    nets.GlobalAvgPool(),
    nets.Flatten(),
)

NETWORKS = {
    "global average": (conv(), RELU, conv(), RELU, GAP, DENSE),
    "no biases": (conv(b_std=None), RELU, conv(b_std=None), RELU, GAP, DENSE),
    "flat": (conv(), RELU, conv(), RELU, FLAT, DENSE),
    "large and even windows": (conv(5), RELU, conv(2), RELU, conv(1), RELU, GAP, DENSE),
    "no padding": (conv(padding="VALID"), RELU, conv(2, "VALID"), RELU, GAP, DENSE),
    "no padding, pooled": (conv(3, "VALID"), RELU, POOL, conv(2, "VALID"), RELU, GAP, DENSE),
    "periodic": (conv(padding="CIRCULAR"), RELU, conv(5, "CIRCULAR"), RELU, GAP, DENSE),
    "periodic, flat": (conv(padding="CIRCULAR"), RELU, conv(4, "CIRCULAR"), RELU, FLAT, DENSE),
    "pooled": (conv(), RELU, POOL, conv(), RELU, GAP, DENSE),
    "pooled twice": (conv(), RELU, POOL, conv(), RELU, POOL, conv(), RELU, GAP, DENSE),
    "pooled twice, flat": (conv(), RELU, POOL, conv(), RELU, POOL, conv(), RELU, FLAT, DENSE),
    "pooled at the end": (conv(), RELU, conv(), RELU, POOL, FLAT, DENSE),
    "pooled at once": (POOL, conv(), RELU, GAP, DENSE),
    "sums": (conv(), RELU, nets.SumPool((2, 2), (2, 2)), conv(), RELU, nets.GlobalSumPool(), DENSE),
}  # fmt: skip


def special(rng, shape=(8, 8, 3)):
    """Two images, and others: the same, opposite, scaled, black, and the same in parts."""
    x, y = rng.standard_normal((2, *shape)), rng.standard_normal((19, *shape))
    y[1], y[2], y[3], y[4], y[5, :4] = x[1], -x[1], 2 * x[1], 0, x[1, :4]
    return x, y


@pytest.mark.parametrize("name", NETWORKS)
def test_kernels_are_those_of_all_pairs_of_positions(rng, name):
    net = nets.Serial(*NETWORKS[name])
    # Behind windows without padding and a pooling, an odd number of positions would be left.
    x, y = special(rng, (10, 10, 2) if name == "no padding, pooled" else (8, 8, 3))
    expected = np.array([[plain(net, a, b) for b in y] for a in x])
    for dtype, tolerance in (("float64", 2e-14), ("float32", 3e-6)):
        found = compute(net, x, y, dtype=dtype)
        for kernel, right in zip(found, np.moveaxis(expected, -1, 0), strict=True):
            np.testing.assert_allclose(kernel, right, rtol=tolerance, atol=tolerance * right.max())


def test_roundings_of_many_layers_do_not_add_up(rng):
    deep = (nets.Conv(1, (5, 5), padding="CIRCULAR", w_std=np.sqrt(2)), RELU) * 24
    x = rng.standard_normal((3, 5, 5, 3))
    net = nets.Serial(*deep, FLAT, nets.Dense(1))
    one, other = (
        compute(net, x, dtype=dtype, diagonal=True).ntk for dtype in ("float32", "float64")
    )
    np.testing.assert_allclose(one, other, rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1, 2), (1, 5, 1), (2, 3, 1)])
def test_images_may_be_smaller_than_windows(rng, shape):
    net = nets.Serial(conv(5), RELU, conv(4), RELU, GAP, DENSE)
    x = rng.standard_normal((3, *shape))
    expected = np.array([[plain(net, a, b) for b in x] for a in x])
    for kernel, right in zip(compute(net, x), np.moveaxis(expected, -1, 0), strict=True):
        np.testing.assert_allclose(kernel, right, rtol=1e-13)


def by_xla(monkeypatch, *arguments, **options):
    with monkeypatch.context() as patched:
        patched.setattr(carriers, "carrier", lambda *_: None)
        return compute(*arguments, **options)


@pytest.mark.thorough(but=("kinks",))
@pytest.mark.parametrize(
    "layers",
    [
        (conv(), nets.Erf(0.9, 1.2), conv(), nets.SigmoidLike(), nets.Dense(1, 1.1, 0.2), nets.Gelu()),
        (conv(), nets.Sign(), conv(), nets.Abs(), conv(), nets.ABRelu(-0.3, 1.1), conv(), nets.LeakyRelu(0.2)),
        (conv(), nets.Sin(1.2, 0.8, 0.3), conv(), nets.Cos(), conv(), nets.Rbf(0.4)),
        (conv(), nets.Exp(0.6, 0.3), conv(), nets.Gaussian(1.1, 0.5), conv(), nets.ExpNormalized(0.7)),
        (conv(), nets.Erf(), conv(), nets.Polynomial((0.2, 0.7)), nets.Dense(1), nets.Hermite(2), conv(), nets.Monomial(3), conv(), nets.Erf()),
        (conv(), nets.Residual(RELU, conv(), nets.Residual(nets.Erf(), conv()), RELU, conv()), RELU),
        (conv(), nets.FanOut(2), nets.Parallel(nets.Serial(RELU, conv()), conv(1)), nets.FanInSum(), RELU),
        (nets.Frozen(nets.Serial(conv(), RELU, POOL, conv(), nets.Residual(RELU, conv()))), conv(), nets.Heaviside()),
    ],
    ids=["smooth", "kinks", "waves", "exponentials", "powers", "shortcuts", "branches", "frozen"],
)  # fmt: skip
def test_layers_are_those_of_xla(monkeypatch, rng, layers):
    net = nets.Serial(*layers, GAP, nets.Dense(1), nets.Gelu(), nets.Frozen(DENSE))
    x, y = special(rng, (4, 6, 2))
    expected = by_xla(monkeypatch, net, x, y, tolerance=1e-4)
    for a, b in zip(compute(net, x, y, tolerance=1e-4), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=3e-13, atol=3e-14 * np.abs(b).max())


@pytest.mark.parametrize("name", ["flat", "pooled"])
def test_triangles_tiles_and_diagonals(rng, name):
    net = nets.Serial(*NETWORKS[name])
    x, y = special(rng)
    whole = compute(net, y)
    for kernel, tiled, diagonal in zip(
        whole, compute(net, y, tile=5), compute(net, y, diagonal=True), strict=True
    ):
        np.testing.assert_array_equal(kernel, kernel.T)
        np.testing.assert_allclose(tiled, kernel, rtol=1e-14)
        np.testing.assert_allclose(diagonal, np.diag(kernel), rtol=1e-14)
    between = compute(net, np.concatenate([x, y]))
    np.testing.assert_allclose(compute(net, x, y, get="ntk"), between.ntk[:2, 2:], rtol=1e-13)
    np.testing.assert_allclose(
        compute(net, x, y[:2], get="ntk", diagonal=True), np.diag(between.ntk[:2, 2:4]), rtol=1e-13
    )


def test_periodic_kernels_of_shifted_images_are_the_same(rng):
    x, y = special(rng)
    shifted = np.roll(x, (3, 5), axis=(1, 2))
    both = [nets.Serial(*NETWORKS[name]) for name in ("periodic", "global average")]
    periodic, zeros = ([compute(net, z, y, get="ntk") for z in (x, shifted)] for net in both)
    np.testing.assert_allclose(*periodic, rtol=1e-12)
    assert np.abs(zeros[0] - zeros[1]).max() > 1e-3  # the control


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ((nets.Conv(1, (3, 3), strides=2), RELU, GAP, DENSE), (8, 8, 3)),
        ((nets.Conv(1, (3, 3), dilation=2), RELU, GAP, DENSE), (8, 8, 3)),
        ((conv(), nets.Tanh(), GAP, DENSE), (8, 8, 3)),
        ((conv(), RELU, POOL, GAP, DENSE), (6, 7, 3)),
        ((conv(padding="CIRCULAR"), RELU, conv(), RELU, GAP, DENSE), (8, 8, 3)),
        ((conv(padding="CIRCULAR"), RELU, POOL, GAP, DENSE), (8, 8, 3)),
        ((conv(), RELU, nets.AvgPool((3, 3), (2, 2)), GAP, DENSE), (9, 9, 3)),
        ((nets.ConvLocal(1, (3, 3)), RELU, GAP, DENSE), (8, 8, 3)),
        ((nets.ConvTranspose(1, (3, 3), strides=2), RELU, GAP, DENSE), (4, 4, 3)),
        ((conv(), nets.Dropout(0.5), GAP, DENSE), (4, 4, 3)),
        ((nets.Conv(1, (3,)), RELU, GAP, DENSE), (8, 3)),
        ((conv(), RELU), (8, 8, 3)),
    ],
)
def test_what_compiled_code_does_not_know(layers, shape):
    net = nets.Serial(*layers)
    inputs = jax.tree.map(np.asarray, net.inputs_of(np.ones((2, *shape))))
    assert Images.of(net, inputs, 1e-6) is None


def test_it_is_said_once_why_there_is_none(rng, caplog):
    net = nets.Serial(nets.Conv(1, (3, 3), strides=(1, 2)), RELU, GAP, DENSE)
    x = rng.standard_normal((2, 24, 24, 3))
    images._say.cache_clear()
    with caplog.at_level(logging.WARNING):
        compute(net, x, get="nngp")
        compute(net, x + 1, get="nngp")
    (record,) = caplog.records
    assert "a hundred times slower than compiled code for images (Conv in it)" in record.message


def test_numbers_that_are_too_large_are_refused(rng):
    net = nets.Serial(*NETWORKS["flat"])
    with pytest.raises(ValueError, match="larger than numbers"):
        compute(net, np.full((3, 8, 8, 3), 1e30), dtype="float32")


def test_tiles_are_smaller_where_pairs_take_longer():
    deep = nets.Serial(*[part for _ in range(10) for part in (conv(), RELU)], GAP, DENSE)
    assert Images(deep, (32, 32, 3), 1e-6, None).tile <= 64
    assert Images(deep, (4, 4, 3), 1e-6, None).tile == 512


def test_what_is_remembered_of_images_goes_with_the_computation():
    layers = [conv(), nets.Relu()]
    program = ImageProgram(layers, (4, 4, 3), Readout.ALL_POSITIONS, carriers.engine.images)
    batch = Batch(nets.Serial(*layers).inputs_of(np.ones((2, 4, 4, 3))))
    program.sums(batch, batch, triangle=True)
    gone = weakref.ref(program)
    gc.disable()  # nothing is left to it
    try:
        del program
        assert gone() is None
    finally:
        gc.enable()
