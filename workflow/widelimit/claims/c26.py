"""C26: training with a constant kernel has a closed form."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.datasets.generated import uniform_sphere
from widelimit.dynamics import KernelFlow
from widelimit.kernels import compute
from widelimit.keys import numpy_generator
from widelimit.networks import mlp
from widelimit.statistics import ConfidenceDistribution, exact

__all__ = ["CLAIM"]


def measure(
    seed: int, *, formula: str, train: int, test: int, times: tuple[float, ...]
) -> dict[str, ConfidenceDistribution]:
    """Compare a formula for test outputs with the differential equation, integrated numerically."""
    rng = numpy_generator(seed, "c26")
    x = uniform_sphere(rng, train + test, 5)
    y, start = rng.standard_normal(train), rng.standard_normal(train + test)
    kernel = compute(mlp("relu", 3, w_std=2**0.5, b_std=0.3), x).ntk
    flow = KernelFlow(kernel[:train, :train], y)
    predict = {"inverse": _with_inverse, "printed": _as_printed}[formula]
    solution = solve_ivp(
        lambda _t, f: -kernel[:, :train] @ (f[:train] - y),
        (0, times[-1]), start, "DOP853", times, rtol=1e-12, atol=1e-12,
    )  # fmt: skip
    found = predict(flow, np.array(times), kernel[train:, :train], start[:train], start[train:])
    at_end = predict(flow, np.array([np.inf]), kernel[:train, :train], start[:train], start[:train])
    return {
        "flow_error": exact(float(np.max(np.abs(found - solution.y[train:].T)))),
        "interpolation_error": exact(float(np.max(np.abs(at_end[0] - y)))),
    }


def _with_inverse(
    flow: KernelFlow,
    times: np.ndarray,
    cross: np.ndarray,
    start: np.ndarray,
    start_test: np.ndarray,
) -> np.ndarray:
    """Test outputs (t, m) by the closed form of this package."""
    return flow.predict(times, cross, start[:, None], start_test[:, None]).test[:, :, 0]


def _as_printed(
    flow: KernelFlow,
    times: np.ndarray,
    cross: np.ndarray,
    start: np.ndarray,
    start_test: np.ndarray,
) -> np.ndarray:
    """Test outputs by the formula without the inverse of the kernel."""
    decay = -np.expm1(-np.multiply.outer(times, flow.rates))
    residual = flow.modes.T @ (start - flow.y[:, 0])
    return start_test - np.einsum("mk,tk,k->tm", cross @ flow.modes, decay, residual)


CLAIM = Claim(
    id="C26",
    title="Closed form of kernel gradient flow",
    statement=(
        "With a constant kernel f' = -Θ(f - y) on the training set, and on test inputs "
        "f_t(x) = f_0(x) - Θ(x, X) Θ⁻¹ (1 - e^(-Θt)) (f_0 - y), which interpolates as t → ∞."
    ),
    source="Costa, eq. 9-10; Du and Hu; web page on NTKs; Jacot et al. 2018; Lee et al. 2019",
    erratum="the web page prints the test formula without Θ⁻¹, which does not interpolate",
    statistics=(
        Statistic(
            "flow_error", "largest difference to the integrated equation on test inputs",
            0.0, -np.inf, 1e-8,
        ),
        Statistic("interpolation_error", "largest training error at t = ∞", 0.0, -np.inf, 1e-9),
    ),
    settings={"formula": "inverse", "train": 32, "test": 16, "times": (0.01, 0.1, 1.0, 10.0)},
    control=Control("formula", "printed", "it is the formula without Θ⁻¹"),
    measure=measure,
)  # fmt: skip
"""The claim."""
