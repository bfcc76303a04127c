import numpy as np
import pytest

from widelimit.networks import mlp
from widelimit.theory import sphere


def test_eigenvalues_add_up_to_the_kernel_at_angle_zero():
    net = mlp("erf", 3, w_std=1.5, b_std=0.1)
    values = sphere.eigenvalues(net, 5, 60).ntk
    total = sphere.repeat_by_multiplicity(values, 5).sum()
    assert total == pytest.approx(sphere.on_angles(net, np.array([0.0])).ntk[0], rel=1e-9)


@pytest.mark.parametrize(("dimension", "counts"), [(2, [1, 2, 2, 2]), (3, [1, 3, 5, 7])])
def test_multiplicities(dimension, counts):
    assert [sphere.multiplicity(dimension, k) for k in range(4)] == counts


def test_a_kernel_made_of_one_harmonic_has_one_eigenvalue():
    """P₂(cos θ) in dimension 3 is the projector on degree 2 over its multiplicity 5."""
    values = sphere.eigenvalues_of(lambda t: (3 * np.cos(t) ** 2 - 1) / 2, 3, 4)
    np.testing.assert_allclose(values, [0, 0, 1 / 5, 0, 0], atol=1e-14)


def test_on_angles_agrees_with_kernels_of_points():
    from widelimit.kernels import compute

    net, theta = mlp("relu", 3, w_std=1.4), np.array([0.0, 0.1, 1.0, np.pi])
    x = np.sqrt(2) * np.stack([np.cos(theta), np.sin(theta)], axis=1)
    x[3] = -x[0]  # the sine of π is not zero in floating point
    found = compute(net, x[:1], x)
    np.testing.assert_allclose(sphere.on_angles(net, theta).ntk, found.ntk[0], rtol=1e-12)
