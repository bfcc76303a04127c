"""Closed forms against values by arbitrary-precision arithmetic and adaptive quadrature."""

import numpy as np
import pytest

from widelimit.kernels import compute
from widelimit.networks import Dense, Erf, Gelu, LeakyRelu, Relu, Serial, Sin, mlp

ACTIVATIONS = {
    "relu": Relu(),
    "lrelu0.1": LeakyRelu(0.1),
    "erf": Erf(),
    "gelu": Gelu(),
    "sin": Sin(),
}


def network(activation, depth, w2, b2):
    hidden = (Dense(1, w2**0.5, b2**0.5 or None), activation)
    return Serial(*(hidden * (depth - 1)), Dense(1, w2**0.5, b2**0.5 or None))


@pytest.mark.reference("mlp/")
def test_perceptrons(reference):
    params, inputs = reference["params"], reference["inputs"]
    act = ACTIVATIONS[params["act"]]
    net = network(act, params["depth"], params["sigma_w2"], params["sigma_b2"])
    kernels = compute(net, np.array([inputs["x"]], float), np.array([inputs["y"]], float))
    found = getattr(kernels, reference["id"].rsplit("/", 1)[1])[0, 0]
    # Where weight and bias terms cancel, the error is relative to the diagonal, not to the sum.
    assert found == pytest.approx(reference["value"], rel=1e-11, abs=1e-13)


@pytest.mark.reference("costa_shallow/relu", "costa_shallow/erf")
def test_shallow_networks_with_unit_variances(reference):
    net = mlp(reference["id"].split("/")[1], 2, b_std=1.0)
    x, y = (np.array([[reference["inputs"][z]]]) for z in ("z1", "z2"))
    assert compute(net, x, y).ntk[0, 0] == pytest.approx(reference["value"], rel=1e-11)


@pytest.mark.reference("spectrum/")
def test_extreme_eigenvalues_against_depth(reference):
    from widelimit.theory.spectra import conditioning

    depth = int(reference["id"].split("/")[2].removeprefix("D"))
    w2, b2 = reference["params"]["sw2"], reference["params"]["sb2"]
    matrix = compute(network(Relu(), depth, w2, b2), np.array(reference["inputs"]["X"], float)).ntk
    np.testing.assert_allclose(conditioning(matrix), reference["value"], rtol=reference["rtol"])


@pytest.mark.reference("sigprop/relu_he")
def test_correlations_and_kernel_ratios_at_criticality(reference):
    """Orthogonal inputs through ℓ layers at σ_w² = 2: correlation, and Θ(x, y)/Θ(x, x)."""
    name = reference["id"].split("/")[2]
    hidden = int(name.split("_l")[1])
    x = np.eye(2)
    kernels = compute(mlp("relu", hidden + 1, w_std=2**0.5), x)
    matrix = kernels.nngp if name.startswith("c_") else kernels.ntk
    assert matrix[0, 1] / matrix[0, 0] == pytest.approx(reference["value"], rel=1e-12)


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
