"""Closed forms against values by arbitrary-precision arithmetic and adaptive quadrature."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.kernels import compute, function
from widelimit.networks import (
    Conv,
    Dense,
    Erf,
    Flatten,
    Frozen,
    Gelu,
    GlobalAvgPool,
    LeakyRelu,
    Relu,
    Serial,
    Sigmoid,
    Silu,
    Sin,
    Softplus,
    Tanh,
    mlp,
)

ACTIVATIONS = {
    "relu": Relu(),
    "lrelu0.1": LeakyRelu(0.1),
    "erf": Erf(),
    "gelu": Gelu(),
    "sin": Sin(),
    "tanh": Tanh(256),
    "sigmoid": Sigmoid(256),
    "silu": Silu(256),
    "softplus": Softplus(256),
}


def network(activation, depth, w2, b2):
    dense = Dense(1, w2**0.5, b2**0.5)
    return Serial(*((dense, activation) * (depth - 1)), dense)


@pytest.mark.thorough(only=("mlp/sigmoid", "mlp/silu", "mlp/softplus"))
@pytest.mark.reference("mlp/")
def test_perceptrons(agree, reference):
    params, inputs = reference["params"], reference["inputs"]
    act = ACTIVATIONS[params["act"]]
    net = network(act, params["depth"], params["sigma_w2"], params["sigma_b2"])
    x, y = (np.array([inputs[name]], float) for name in "xy")
    kernels = compute(net, x, y, tolerance=1e-11)
    found = getattr(kernels, reference["id"].rsplit("/", 1)[1])[0, 0]
    # Where weight and bias terms cancel, the error is relative to the diagonal, not to the sum.
    agree(f"perceptrons, {params['act']}", found, reference["value"], rtol=1e-11, atol=1e-13)


@pytest.mark.reference("costa_shallow/relu", "costa_shallow/erf")
def test_shallow_networks_with_unit_variances(agree, reference):
    net = mlp(reference["id"].split("/")[1], 2, b_std=1.0)
    x, y = (np.array([[reference["inputs"][z]]]) for z in ("z1", "z2"))
    agree("shallow networks", compute(net, x, y).ntk[0, 0], reference["value"], rtol=1e-11)


@pytest.mark.thorough(only=("costa_shallow/tanh/eigs",))
@pytest.mark.reference("costa_shallow/tanh/matrix", "costa_shallow/tanh/eigs")
def test_a_shallow_network_on_a_line(agree, reference):
    x = np.array(reference["inputs"]["X"])[:, None]
    matrix = compute(
        Serial(Dense(1, b_std=1.0), Tanh(), Dense(1, b_std=1.0)), x, tolerance=1e-13
    ).ntk
    found = matrix.ravel() if reference["id"].endswith("matrix") else np.linalg.eigvalsh(matrix)
    agree("a shallow network on a line", found, reference["value"], rtol=reference["rtol"])


def images(reference):
    return {name: np.array([reference["inputs"][name]], float) for name in "xy"}


@pytest.mark.thorough(only=("cntk/general/circular",))
@pytest.mark.reference("cntk/general")
def test_convolutions_with_and_without_pooling(agree, reference):
    p, x = reference["params"], images(reference)
    w, b = p["sigma_w2"] ** 0.5, p["sigma_b2"] ** 0.5
    padding = {"zero": "SAME", "circular": "CIRCULAR"}[p["pad"]]
    conv = Conv(1, (3, 3), padding=padding, w_std=w, b_std=b), Relu()
    net = Serial(*conv, *conv, GlobalAvgPool() if p["gap"] else Flatten(), Dense(1, w, b))
    found = getattr(compute(net, x["x"], x["y"]), reference["id"].rsplit("/", 1)[1])[0, 0]
    group = f"convolutions, {'pooled' if p['gap'] else 'flattened'}"
    agree(group, found, reference["value"], rtol=reference["rtol"])


@pytest.mark.reference("cntk/arora")
def test_convolutions_in_the_scaling_of_arora(agree, reference):
    """Sums over patches of the input, 2/9 for each ReLU, sums over positions; first and last may be frozen."""
    p, x = reference["params"], images(reference)
    _, height, width, channels = x["x"].shape
    first = Conv(1, (3, 3), w_std=(9 * channels) ** 0.5)
    last = Dense(1, (2 / 9 * (1 if p["gap"] else height * width)) ** 0.5)
    if p["fix_first_last"]:
        first, last = Frozen(first), Frozen(last)
    pooling = GlobalAvgPool() if p["gap"] else Flatten()
    net = Serial(first, Relu(), Conv(1, (3, 3), w_std=2**0.5), Relu(), pooling, last)
    one, two = reference["id"][-2:]
    found = compute(net, x[one], x[two]).ntk[0, 0]
    agree("convolutions in the scaling of Arora", found, reference["value"], rtol=1e-12)


@pytest.mark.reference("spectrum/")
def test_extreme_eigenvalues_against_depth(agree, reference):
    from widelimit.theory.spectra import conditioning

    depth = int(reference["id"].split("/")[2].removeprefix("D"))
    w2, b2 = reference["params"]["sw2"], reference["params"]["sb2"]
    matrix = compute(network(Relu(), depth, w2, b2), np.array(reference["inputs"]["X"], float)).ntk
    found = conditioning(matrix)
    agree("extreme eigenvalues", found, reference["value"], rtol=reference["rtol"])


@pytest.mark.reference("sigprop/relu_he")
def test_correlations_and_kernel_ratios_at_criticality(agree, reference):
    """Orthogonal inputs through ℓ layers at σ_w² = 2: correlation, and Θ(x, y)/Θ(x, x)."""
    name = reference["id"].split("/")[2]
    hidden = int(name.split("_l")[1])
    x = np.eye(2)
    kernels = compute(mlp("relu", hidden + 1, w_std=2**0.5), x)
    matrix = kernels.nngp if name.startswith("c_") else kernels.ntk
    agree("criticality", matrix[0, 1] / matrix[0, 0], reference["value"], rtol=1e-12)


@pytest.mark.reference("crit/")
def test_criticality(double, agree, reference):
    """Gains that keep a second moment, a variance or a slope; the edge of chaos; fixed points and their slopes."""
    _, name, what = reference["id"].split("/")[:3]
    slope = reference["params"].get("alpha", 0.0)
    act = LeakyRelu(slope) if name.startswith(("relu", "lrelu")) else ACTIVATIONS[name]
    expected, params = np.array(reference["value"]), reference["params"]
    q = expected[0] if what.startswith("fixed") else params.get("q", 1.0)
    same, apart = (act.dual(*jnp.array([[q], [q], [delta]])) for delta in (0.0, 1.0))
    square, dot = same.q1[0], same.dot[0]
    found = {
        "gain_second_moment": square**-0.5,
        "gain_std": (square * apart.delta[0]) ** -0.5,
        "gain_chi1": dot**-0.5,
        "sigma_w": dot**-0.5,
        "line": [1 / dot, q - square / dot],
        "fixedpoint": [
            params.get("sw2", 0) * square + params.get("sb2", 0),
            params.get("sw2", 0) * dot,
        ],
    }[re.sub("_(q|sw2).*", "", what)]
    agree("criticality of activations", found, expected, rtol=max(reference["rtol"], 1e-12))


@pytest.mark.thorough(only=("saliency/tanh", "saliency/erf/scale0.5"))
@pytest.mark.reference("saliency/")
def test_slopes_of_networks_at_a_point(double, agree, reference):
    r""":math:`E[\partial_i f\,\partial_j f] = \partial_{x_i} \partial_{y_j} K(x, y)` at y = x."""
    _, name, _, what = reference["id"].split("/", 3)
    p, x = reference["params"], jnp.array(reference["inputs"]["x"])
    net = network(ACTIVATIONS[name], p["depth"], p["sw2"], p["sb2"])
    kernel = function(net, order=256)

    @jax.jit
    def slopes(x, y):
        nngp = lambda x, y: kernel(net.hyper, x[None], y[None]).nngp[0, 0]  # noqa: E731
        return jax.jacfwd(jax.grad(nngp, 0), 1)(x, y)

    moments, along = slopes(x, x), x / jnp.linalg.norm(x)
    whole, radial = jnp.trace(moments), along @ moments @ along
    if what.startswith("[E"):
        found = [whole, compute(net, np.array([x]), tolerance=1e-11).ntk[0, 0]]
    else:
        found = [(whole - radial) / (len(x) - 1), radial]
    agree("slopes at a point", found, reference["value"], rtol=1e-9)


@pytest.mark.thorough(only=("sigprop/tanh_sw1_sb0/q_l1000",))
@pytest.mark.reference("sigprop/tanh")
def test_variances_far_down_a_network_of_gain_one(agree, reference):
    depth = reference["params"]["l"] + 1
    net = network(ACTIVATIONS["tanh"], depth, 1.0, 0.0)
    found = compute(net, np.ones((1, 1)), get="nngp", tolerance=1e-11)
    agree("variances far down", found[0, 0], reference["value"], rtol=reference["rtol"])


@pytest.mark.reference("code513/ntk/")
def test_rank_of_the_kernel_on_syndromes(reference):
    _, _, encoding, variances, depth, _ = reference["id"].split("/")
    w2, b2 = (float(part.split("=")[1]) for part in variances.split("_"))
    bits = (np.arange(16)[:, None] >> np.arange(4)) & 1
    x = bits.astype(float) if encoding == "01" else 1.0 - 2 * bits
    matrix = compute(network(Relu(), int(depth[1:]), w2, b2), x).ntk
    values = np.linalg.eigvalsh(matrix)
    smallest, rank, largest = reference["value"]
    assert values[0] == pytest.approx(smallest, rel=1e-8, abs=1e-13)
    assert (values > 1e-10 * values[-1]).sum() == rank
    assert values[-1] == pytest.approx(largest, rel=1e-8)
