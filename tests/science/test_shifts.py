"""What shifts do to kernels of images: zeros around an image, or no average over positions, undo what is said of them.

A shift of both images changes nothing where convolutions see the image as periodic; that is no merit of theirs, as no
rotation changes the kernel of a fully connected network. A shift of one image changes nothing if there is a global
average besides.
"""

import numpy as np
import pytest

from widelimit.kernels import compute
from widelimit.networks import mlp
from widelimit.theory.shifts import ACTIVATIONS, network

READOUT = {True: "mean over positions", False: "all positions"}


def three(net, x, y, shift):
    """Both kernels of (x, y), of both shifted, and of x shifted alone."""
    moved = [np.roll(z, shift, (1, 2)) for z in (x, y)]
    pairs = (x, y), (moved[0], moved[1]), (moved[0], y)
    return np.array([[kernel[0, 0] for kernel in compute(net, *pair)] for pair in pairs])


@pytest.fixture
def images(rng):
    return rng.standard_normal((2, 1, 5, 4, 2))


@pytest.mark.reference("cntk/shift")
def test_known_values(agree, reference):
    p, inputs = reference["params"], reference["inputs"]
    padding = {"zero": "SAME", "circular": "CIRCULAR"}[p["pad"]]
    x, y = (np.array([inputs[name]], float) for name in "xy")
    found = three(network("relu", padding, READOUT[p["gap"]], 2), x, y, inputs["shift"])
    group = f"convolutions, {'pooled' if p['gap'] else 'flattened'}"
    agree(group, found[:, 1], reference["value"], rtol=reference["rtol"])


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("pooled", [True, False])
def test_periodic_convolutions(images, name, pooled):
    for depth, shift in ((1, (1, 0)), (3, (2, 3))):
        net = network(name, "CIRCULAR", READOUT[pooled], depth)
        apart, both, one = three(net, *images, shift)
        np.testing.assert_allclose(both, apart, rtol=1e-12)
        if pooled:
            np.testing.assert_allclose(one, apart, rtol=1e-12)
        else:
            assert np.all(np.abs(one / apart - 1) > 1e-3)


@pytest.mark.parametrize("pooled", [True, False])
def test_zeros_around_an_image_undo_both(images, pooled):
    apart, *others = three(network("relu", "SAME", READOUT[pooled], 3), *images, (2, 3))
    assert np.all(np.abs(np.array(others) / apart - 1) > 1e-4)


def test_no_rotation_changes_the_kernel_of_a_fully_connected_network(rng):
    x, y = rng.standard_normal((2, 1, 7))
    rotation = np.linalg.qr(rng.standard_normal((7, 7)))[0]
    shift = np.roll(np.eye(7), 2, axis=0)
    net = mlp("relu", 4, w_std=2**0.5)
    kernels = [compute(net, x @ r, y @ r) for r in (np.eye(7), rotation, shift)]
    np.testing.assert_allclose(kernels[1:], [kernels[0]] * 2, rtol=1e-12)
    alone = compute(net, x @ shift, y)
    assert abs(alone.ntk / kernels[0].ntk - 1) > 1e-3
