"""Stacks of dense layers by compiled code, beside the same through XLA."""

import jax
import numpy as np
import pytest

from widelimit import networks as nets
from widelimit.kernels import compute, stack
from widelimit.networks.layer import layer

pytestmark = pytest.mark.skipif(stack.engine is None, reason="no compiler was there to build it")

ACTIVATIONS = (
    nets.Relu(), nets.LeakyRelu(0.2), nets.ABRelu(-0.3, 1.7), nets.Abs(), nets.Sign(), nets.Heaviside(),
    nets.Erf(1.3, 0.7, 0.2), nets.Erf(), nets.SigmoidLike(), nets.Gelu(),
    nets.Exp(0.7, 0.2), nets.ExpNormalized(0.8), nets.Rbf(0.6), nets.Gaussian(1.2, 0.4), nets.Sin(1.1, 0.8, 0.3),
    nets.Sin(), nets.Cos(), nets.Polynomial((0.2, 0.5, 0.1)), nets.Hermite(3), nets.Monomial(1),
)  # fmt: skip


@layer
class Mine(nets.Relu):
    """Another function than its base."""

    def dual(self, q1, q2, delta):
        return super().dual(2 * q1, 2 * q2, delta)


def by_xla(monkeypatch, *arguments, **options):
    with monkeypatch.context() as patched:
        patched.setattr(stack, "engine", None)
        return compute(*arguments, **options)


def special(rng, n, d=7):
    """Inputs with identical, opposite, scaled, close and zero ones among them."""
    x = rng.standard_normal((n, d))
    x[1], x[2], x[3], x[4] = -x[0], 2 * x[0], 0, x[5] * (1 + 1e-9)
    return x


def dense(act, depth=3, b_std=0.3):
    layers = [part for _ in range(depth) for part in (nets.Dense(1, 1.4, b_std), act)]
    return nets.Serial(*layers, nets.Dense(1, 0.8, b_std))


@pytest.mark.thorough(but=tuple(f"{kind}-float64" for kind in ("Relu", "ABRelu", "Sign", "Erf0", "Gelu", "Rbf", "Sin0", "Hermite")))  # fmt: skip
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("act", ACTIVATIONS, ids=lambda act: type(act).__name__)
def test_kernels_are_those_of_xla(monkeypatch, rng, act, dtype):
    x, y = special(rng, 37), special(rng, 50)
    y[7], y[8] = x[9], -x[10]
    tolerance = 3e-6 if dtype == "float32" else 3e-15
    for net in (dense(act), dense(act, b_std=None)):
        for inputs in ((x,), (x, y)):
            found = compute(net, *inputs, dtype=dtype)
            expected = by_xla(monkeypatch, net, *inputs, dtype=dtype)
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_allclose(a, b, atol=tolerance * np.abs(b).max())


def test_what_takes_the_compiled_way():
    relu, out = (nets.Dense(1), nets.Relu()), nets.Dense(1)
    x = np.ones((2, 6, 6, 3))
    for net, inputs, start in (
        (nets.Serial(*relu, out), x[:, 0, 0], 0),
        (nets.Serial(nets.Repeat(nets.Serial(*relu), 3), nets.Frozen(out)), x[:, 0, 0], 0),
        (nets.Serial(nets.Dense(1), Mine(), out), x[:, 0, 0], None),
        (nets.Serial(nets.Dense(1), nets.LayerNorm(), nets.Relu(), out), x[:, 0, 0], 2),
        (nets.Serial(out, nets.LayerNorm(), out), x[:, 0, 0], None),
        (nets.Serial(nets.Conv(1, (3, 3)), nets.Relu(), nets.Flatten(), *relu, out), x, 3),
        (nets.Serial(nets.Dense(1), nets.Tanh(), *relu, out), x[:, 0, 0], None),
        (nets.Serial(*relu, nets.Dense(1, parameterization="standard")), x[:, 0, 0], None),
        (nets.Serial(nets.Conv(1, (3, 3)), nets.Relu(), out), x, None),
        (out, x[:, 0, 0], None),
    ):
        found = stack.Stack.of(net, *[jax.tree.map(np.asarray, net.inputs_of(inputs))] * 2)
        assert (None if found is None else found.start) == start, net


@pytest.mark.parametrize("tile", [1, 3, 16, 40])
def test_tiles_of_any_shape(monkeypatch, rng, tile):
    x, y = special(rng, 41), special(rng, 33)
    net = dense(nets.Erf())
    for inputs, shape in (((x,), tile), ((x, y), (tile, 17))):
        expected = by_xla(monkeypatch, net, *inputs)
        found = compute(net, *inputs, tile=shape)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-13)
    ntk = compute(net, x, tile=tile).ntk
    np.testing.assert_array_equal(ntk, ntk.T)


@pytest.mark.parametrize("get", ["nngp", "ntk"])
def test_one_of_both_kernels(rng, get):
    x = special(rng, 20)
    net = dense(nets.Gelu())
    np.testing.assert_array_equal(compute(net, x, get=get), getattr(compute(net, x), get))


def test_a_head_of_other_layers(monkeypatch, rng):
    x = rng.standard_normal((9, 5, 5, 2))
    net = nets.Serial(
        nets.Conv(1, (3, 3), b_std=0.2),
        nets.Relu(),
        nets.GlobalAvgPool(),
        *dense(nets.Abs()).layers,
    )
    for a, b in zip(compute(net, x), by_xla(monkeypatch, net, x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


def test_numbers_that_are_too_large_are_refused():
    with pytest.raises(ValueError, match="larger than numbers"):
        compute(dense(nets.Relu()), np.full((3, 4), 1e30), dtype="float32")
