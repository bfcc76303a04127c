"""Convolutional networks of the literature, beside plain transcriptions of their formulas."""

import numpy as np
import pytest

from widelimit.kernels import compute
from widelimit.networks import cntk, myrtle


@pytest.fixture
def images(rng):
    return rng.standard_normal((3, 4, 4, 2))


def patches(m):
    """Sums over windows of 3 × 3 of both images, with zeros around: (h, w, h, w)."""
    h, w = m.shape[:2]
    padded = np.pad(m, 1)
    return sum(
        padded[i : i + h, j : j + w, i : i + h, j : j + w] for i in range(3) for j in range(3)
    )


def moments(k, q1, q2):
    """2/9 E[σ(u)σ(v)] and 2/9 E[σ'(u)σ'(v)] for ReLU: c_σ/q² of Arora et al. 2019."""
    scale = np.sqrt(q1[:, :, None, None] * q2)
    angle = np.arccos(np.clip(k / scale, -1, 1))
    slope = (np.pi - angle) / (2 * np.pi)
    return 2 / 9 * (k * slope + scale * np.sin(angle) / (2 * np.pi)), 2 / 9 * slope


def arora(x, y, depth, *, pooling, fixed):
    """The CNTK of section 4 of Arora et al. 2019, by its recursion over all pairs of positions."""

    def through(x, y, diagonals):
        s = patches(np.einsum("abc,ABc->abAB", x, y))
        t = 0 * s if fixed else s
        own = []
        for layer in range(depth - 1):
            q = np.einsum("abab->ab", s)
            own.append(q)
            q1, q2 = (q, q) if diagonals is None else (side[layer] for side in diagonals)
            value, slope = moments(s, q1, q2)
            if layer == depth - 2:
                return own, slope * t + (0 if fixed else value)
            s, t = patches(value), patches(value + slope * t)
        raise AssertionError

    sides = [through(z, z, None)[0] for z in (x, y)]
    t = through(x, y, sides)[1]
    return np.mean(t) if pooling else np.einsum("abab->", t)


@pytest.mark.parametrize(("depth", "fixed"), [(2, False), (4, False), (4, True)])
@pytest.mark.parametrize("pooling", [True, False])
def test_cntk_is_that_of_its_authors_up_to_a_factor(images, depth, pooling, fixed):
    expected = [[arora(x, y, depth, pooling=pooling, fixed=fixed) for y in images] for x in images]
    found = compute(cntk(depth, pooling=pooling, fixed=fixed), images).ntk
    ratio = found / expected
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-12)


def test_a_network_without_layers_is_refused():
    with pytest.raises(ValueError, match="depth is 1"):
        cntk(1)


@pytest.mark.parametrize("layers", [5, 7, 10])
def test_myrtle_networks_have_their_layers(layers):
    kinds = " ".join(type(part).__name__ for part in myrtle(layers).layers)
    block = "Conv Relu "
    blocks = {5: (2, 1, 1), 7: (2, 2, 2), 10: (3, 3, 3)}[layers]
    assert kinds == "AvgPool ".join(block * n for n in blocks) + "GlobalAvgPool Dense"


def test_myrtle_networks_of_other_depths_are_refused():
    with pytest.raises(ValueError, match=r"layers is 6, expected one of \[5, 7, 10\]"):
        myrtle(6)
