"""Gram matrices of many distinct inputs are positive, whatever the activation and the depth."""

import jax.numpy as jnp
import numpy as np
import pytest

from widelimit import networks as nets
from widelimit.kernels import compute

DEPTHS = (1, 10, 100)

ACTIVATIONS = (
    *(nets.Relu(), nets.LeakyRelu(0.2), nets.Abs(), nets.ABRelu(-0.3, 1.7), nets.Sign()),
    *(nets.Heaviside(), nets.Erf(), nets.SigmoidLike(), nets.Gelu(), nets.Sin(), nets.Cos(c=0.3)),
    *(nets.Rbf(0.5), nets.Gaussian(), nets.Gabor(), nets.ExpNormalized(), nets.Tanh()),
    *(nets.Sigmoid(), nets.Silu(), nets.Softplus(), nets.Mish(), nets.GeluTanh()),
    *(nets.Elementwise(jnp.arctan), nets.Elu(), nets.Selu()),
)
GROWING = (
    *(nets.Exp(0.6, 0.5), nets.Monomial(3), nets.RectifiedMonomial(2), nets.Hermite(3)),
    nets.Polynomial((0.0, 0.6, 0.3, 0.1)),
)
"""These need a layer that keeps variances at one, or they overflow."""


@pytest.mark.accuracy
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("act", ACTIVATIONS + GROWING, ids=lambda act: type(act).__name__)
def test_a_thousand_distinct_inputs(noted, act, depth):
    """In the ordered phase, σ_w = σ_b = 1, where all correlations tend to one."""
    x = np.random.default_rng(0).standard_normal((1000, 10))
    norm = (nets.LayerNorm(),) if act in GROWING else ()
    hidden = (nets.Dense(1, 1.0, 1.0), *norm, act)
    found = compute(nets.Serial(*(hidden * depth), nets.Dense(1, 1.0, 1.0)), x, progress=False)
    for name, matrix in found._asdict().items():
        values = np.linalg.eigvalsh(matrix)
        assert values[0] >= -1e-12 * values[-1]
        noted(
            f"negative eigenvalues, {name}, {type(act).__name__}", max(0, -values[0] / values[-1])
        )
