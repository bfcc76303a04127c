import numpy as np
import pytest

from widelimit.theory.double_descent import (
    isotropic_excess,
    isotropic_prediction,
    random_feature_risk,
)


@pytest.mark.parametrize("p", [20, 80])
def test_the_isotropic_law_holds(rng, p):
    risks = [isotropic_excess(rng, 40, p, 0.5) for _ in range(2000)]
    error = np.std(risks) / np.sqrt(2000)
    assert abs(np.mean(risks) - isotropic_prediction(40, p, 0.5)) < 4 * error


def test_it_diverges_at_the_threshold():
    assert isotropic_prediction(40, 40, 0.5) == np.inf


def test_a_ridge_never_does_worse_than_none(rng):
    risk = random_feature_risk(rng, n=30, p=30, dimension=5, noise=0.5)
    assert risk.best_ridge <= risk.least_norm
