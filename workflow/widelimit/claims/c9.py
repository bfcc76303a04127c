"""C9: the output of a shallow network at initialisation is Gaussian in the limit."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import norm

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.keys import jax_key, numpy_generator
from widelimit.precision import precision
from widelimit.statistics import ConfidenceDistribution, exact, ks_distance, student

__all__ = ["CLAIM"]

_VARIANCE = 2.0
"""E[φ(z)²] + 1 for ReLU with z ~ N(0, 2), the pre-activation at x = 1."""

_CUMULANT = 3.75
"""Excess kurtosis of one neuron's share W φ(z) + b: (3·E φ⁴ + 6·E φ² + 3)/4 - 3 with E φ⁴ = 6."""


def measure(
    seed: int,
    *,
    weights: str,
    kurtosis_width: int,
    kurtosis_draws: int,
    law_width: int,
    law_draws: int,
) -> dict[str, ConfidenceDistribution]:
    """Draw outputs at x = 1 of Costa's eq. 6 with biases at every neuron."""
    rng = numpy_generator(seed, "c9", weights)
    scaled = _outputs(rng, weights, kurtosis_width, kurtosis_draws) ** 4 / _VARIANCE**2 - 3
    outputs = _outputs(rng, weights, law_width, law_draws)
    return {
        "kurtosis_ratio": student(kurtosis_width * scaled / _CUMULANT),
        "law_distance": ks_distance(outputs, norm(scale=_VARIANCE**0.5).cdf),
        "bias_difference": exact(_bias_difference(seed)),
    }


def _outputs(rng: np.random.Generator, weights: str, width: int, draws: int) -> np.ndarray:
    """Outputs f_n(1) of independent networks, (draws,)."""
    block = max(1, 2**22 // width)
    parts = []
    for start in range(0, draws, block):
        shape = (min(block, draws - start), width)
        hidden = np.maximum(rng.standard_normal(shape) + rng.standard_normal(shape), 0)
        readout = rng.standard_normal(shape) if weights == "normal" else rng.standard_cauchy(shape)
        shares = readout * hidden + rng.standard_normal(shape)
        parts.append(shares.sum(axis=1) / width**0.5)
    return np.concatenate(parts)


def _bias_difference(seed: int, width: int = 64, steps: int = 200) -> float:
    """How far training with one bias per neuron and with their sum as one bias drift apart."""
    with precision("float64"):
        keys = jax.random.split(jax_key(seed, "c9"), 4)
        w1, b1, w2, b2 = (jax.random.normal(key, (width,)) for key in keys)
        x, y = jnp.array([1.0, -0.5, 2.0]), jnp.array([1.0, -1.0, 0.5])

        def network(params, many):
            w1, b1, w2, b2 = params
            hidden = jax.nn.relu(jnp.outer(x, w1) + b1)
            bias = jnp.sum(b2) / width**0.5 if many else b2
            return hidden @ w2 / width**0.5 + bias

        def train(params, many):
            def step(params, _):
                loss = lambda p: 0.5 * jnp.sum((network(p, many) - y) ** 2)  # noqa: E731
                params = jax.tree.map(lambda p, g: p - 0.05 * g, params, jax.grad(loss)(params))
                return params, network(params, many)

            return jax.lax.scan(step, params, None, length=steps)[1]

        per_neuron = train((w1, b1, w2, b2), True)
        single = train((w1, b1, w2, jnp.sum(b2) / width**0.5), False)
        return float(jnp.max(jnp.abs(per_neuron - single)))


CLAIM = Claim(
    id="C9",
    title="Shallow networks are Gaussian at initialisation",
    statement=(
        "With biases at every neuron, f_n(x) of one hidden layer converges in law to N(0, Σ) with "
        "Σ = E φ² + 1; the excess kurtosis is exactly κ₄/n (3.75/n for ReLU at x = 1; decided at n = 2). "
        "One output bias instead of one per neuron gives the same law, kernel and training."
    ),
    source="Costa, The Asymptotic Structure of Deep Neural Networks, eq. 6; Neal 1994",
    statistics=(
        Statistic("kurtosis_ratio", "n × excess kurtosis over 3.75", 1.0, 0.95, 1.05),
        Statistic(
            "law_distance", "Kolmogorov distance of f_n(1) to N(0, 2)", 0.0, -np.inf, 0.01
        ),
        Statistic(
            "bias_difference", "largest difference of trained outputs, both kinds of bias",
            0.0, -np.inf, 1e-12,
        ),
    ),
    settings={
        "weights": "normal",
        "kurtosis_width": 2,
        "kurtosis_draws": 9_000_000,
        "law_width": 256,
        "law_draws": 200_000,
    },
    adjusted="sample sizes were set for power and time after a pilot at another seed",
    control=Control(
        "weights",
        "Cauchy",
        "the central limit theorem needs a finite variance, and a Cauchy readout has none",
    ),
    measure=measure,
)  # fmt: skip
"""The claim."""
