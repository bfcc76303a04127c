import numpy as np
import pytest

from widelimit import kernels
from widelimit.networks import Conv, Dense, GlobalAvgPool, LeakyRelu, Relu, Residual, Serial, mlp
from widelimit.networks.parameters import named_hyper, with_hyper

NETS = {
    "erf": mlp("erf", 2, w_std=1.3, b_std=0.2),
    "leaky": Serial(Dense(8, 1.4, 0.1), LeakyRelu(0.2), Residual(Dense(8)), Dense(1)),
    "no biases": mlp("relu", 3, w_std=1.4),
    "images": Serial(Conv(8, (3,), w_std=1.4), Relu(), GlobalAvgPool(), Dense(1, 1.0, 0.1)),
}


@pytest.fixture
def x(rng):
    """With identical, antipodal and zero inputs, where square roots have no slope."""
    x = rng.standard_normal((7, 6))
    x[4], x[5], x[6] = x[3], -x[3], 0
    return x


def _inputs(name, x):
    return x.reshape(len(x), 3, 2) if name == "images" else x


@pytest.mark.thorough(only=("images", "erf"))
@pytest.mark.parametrize(
    ("name", "kind"),
    [("erf", "nngp"), ("leaky", "ntk"), ("no biases", "ntk"), ("images", "nngp")],
)
def test_slopes_are_those_of_finite_differences(name, kind, x):
    net, x = NETS[name], _inputs(name, x)
    values = named_hyper(net)
    names = tuple(n for n, value in values.items() if value > 0)
    found = kernels.log_slopes(net, kind, x, names)
    step = 1e-5

    def moved(n, log):
        # A plain number, like the one before: JAX compiles NumPy's anew.
        changed = with_hyper(net, {n: float(values[n] * np.exp(log))})
        return getattr(kernels.compute(changed, x), kind)

    for k, n in enumerate(names):
        difference = (moved(n, step) - moved(n, -step)) / (2 * step)
        np.testing.assert_allclose(found[..., k], difference, rtol=1e-6, atol=1e-8)


def test_no_parameters_have_no_slopes(x):
    assert kernels.log_slopes(NETS["erf"], "ntk", x, ()).shape == (7, 7, 0)
