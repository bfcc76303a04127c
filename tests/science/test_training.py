"""Training in the infinite-width limit: closed forms, reference values, and the printed errors."""

import numpy as np
import pytest

from widelimit.dynamics import KernelFlow

TIMES = {"t0": 0.0, "t1": 1.0, "t3": 3.0, "t10": 10.0, "tinf": np.inf}


def flow(reference):
    given = reference["inputs"]
    y, start = (np.array(given[k])[:, None] for k in ("y", "f0"))
    time = TIMES[reference["id"].rsplit("_", 1)[1]]
    predict = KernelFlow(np.array(given["K"]), y).predict
    return predict(
        np.array([time]), np.array([given["K(x,X)"]]), start, np.array([[given["f0(x)"]]])
    )


@pytest.mark.reference("gradflow/train_")
def test_training_outputs(reference):
    np.testing.assert_allclose(flow(reference).train[0, :, 0], reference["value"], rtol=1e-12)


@pytest.mark.reference("gradflow/test_")
def test_test_outputs(reference):
    assert flow(reference).test[0, 0, 0] == pytest.approx(reference["value"], rel=1e-12)


@pytest.mark.reference("gradflow/eigs")
def test_rates_are_the_kernels_eigenvalues(reference):
    given = reference["inputs"]
    found = KernelFlow(np.array(given["K"]), np.array(given["y"])).rates
    np.testing.assert_allclose(found, reference["value"], rtol=1e-13)


@pytest.mark.reference("gradflow/seed002")
def test_the_predictor_without_the_inverse_kernel_ends_elsewhere(reference, references):
    """f₀ - K(x, X)(f₀ - y), which a web source prints, is not where training ends."""
    given = reference["inputs"]
    residual = np.array(given["f0"]) - np.array(given["y"])
    printed = given["f0(x)"] - np.array(given["K(x,X)"]) @ residual
    assert printed == pytest.approx(reference["value"], rel=1e-12)
    assert abs(printed - references["gradflow/test_tinf"]) > 0.2
