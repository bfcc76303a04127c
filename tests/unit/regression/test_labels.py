import numpy as np
import pytest

from widelimit.errors import InputError
from widelimit.regression import accuracy, coded


def test_ten_classes_have_the_usual_codes():
    found = coded(np.array([3, 0]), 10)
    assert found[0, 3] == pytest.approx(0.9)
    assert found[0, 0] == pytest.approx(-0.1)
    np.testing.assert_allclose(found.sum(axis=1), 0, atol=1e-15)


def test_codes_are_their_own_classes():
    labels = np.array([2, 0, 1, 2])
    assert accuracy(coded(labels, 3), labels) == 1
    assert accuracy(coded(labels, 3), np.array([2, 0, 1, 1])) == 0.75


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0.5, 1.0]])
def test_what_is_no_class_is_refused(labels):
    with pytest.raises(InputError, match="whole numbers"):
        coded(np.array(labels), 3)
