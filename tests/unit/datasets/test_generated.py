import numpy as np
import pytest

from widelimit.datasets.generated import TEACHERS, generate
from widelimit.errors import InputError


@pytest.mark.parametrize(("domain", "d"), [("circle", 2), ("sphere", 5), ("hypercube", 6)])
def test_inputs_have_unit_mean_square(rng, domain, d):
    found = generate(domain, rng, samples=30, dimension=d, teacher="linear")
    np.testing.assert_allclose((found.x**2).mean(1), 1)
    assert found.x.shape == (30, d)


def test_corners_of_the_hypercube_are_distinct_signs(rng):
    x = generate("hypercube", rng, samples=64, dimension=6, teacher="parity3").x
    assert set(np.unique(x)) == {-1, 1}
    assert len(np.unique(x, axis=0)) == 64


@pytest.mark.parametrize("teacher", sorted(set(TEACHERS) - {"zero", "sine"}))
def test_teachers_have_unit_scale_on_the_cube_or_the_sphere(rng, teacher):
    x = generate("sphere", rng, samples=50_000, dimension=300, teacher=teacher)
    assert np.mean(x.y**2) == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize(
    ("domain", "samples", "dimension", "teacher", "expected"),
    [
        ("circle", 4, 3, "linear", "a circle has dimension 2, got 3"),
        ("hypercube", 9, 3, "linear", "has 8 corners, got samples=9"),
        ("sphere", 4, 2, "parity3", "needs dimension 3 or more"),
    ],
)
def test_impossible_requests_are_refused(rng, domain, samples, dimension, teacher, expected):
    with pytest.raises(InputError, match=expected):
        generate(domain, rng, samples=samples, dimension=dimension, teacher=teacher)
