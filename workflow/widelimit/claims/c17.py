"""C17: the empirical tangent kernel approaches its limit at the rate 1/√n."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.kernels import compute
from widelimit.keys import jax_key, numpy_generator
from widelimit.networks import mlp
from widelimit.precision import precision
from widelimit.statistics import ConfidenceDistribution, student
from widelimit.tangents import ntk
from widelimit.theory.gaussian_quadrature import SCALAR_FUNCTIONS, expectation
from widelimit.theory.width_scaling import rms_slope

__all__ = ["CLAIM"]

_INPUTS = np.array([[1.0], [0.5], [-0.8], [0.3]])
_PAIRS = {"(1, 1)": (0, 0), "(0.5, -0.8)": (1, 2), "(1, 0.3)": (0, 3)}


def measure(
    seed: int, *, widths: tuple[int, ...], seeds: int, independent_neurons: int | None
) -> dict[str, ConfidenceDistribution]:
    """Tangent kernels of shallow ReLU networks at a few pairs of scalar inputs.

    With ``independent_neurons`` the network is made of copies of that many neurons.
    """
    limit = compute(mlp("relu", 2, b_std=1.0), _INPUTS).ntk
    normalised: dict[str, list[np.ndarray]] = {name: [] for name in _PAIRS}
    errors = []
    for width in widths:
        deviation = _kernels(seed, width, seeds, independent_neurons) - limit
        at_pairs = np.stack([deviation[:, i, j] for i, j in _PAIRS.values()], axis=1)
        errors.append(np.sqrt(np.mean(at_pairs**2, axis=1)))
        for (name, (i, j)), values in zip(_PAIRS.items(), at_pairs.T, strict=True):
            variance = _neuron_variance(float(_INPUTS[i, 0]), float(_INPUTS[j, 0]))
            normalised[name].append(width * values**2 / variance)
    ratios = {
        f"variance_ratio {name}": student(np.concatenate(values))
        for name, values in normalised.items()
    }
    return ratios | {"slope": rms_slope(widths, errors, numpy_generator(seed, "c17"))}


def _kernels(seed: int, width: int, seeds: int, independent: int | None) -> np.ndarray:
    """Tangent kernels of independent networks, (seeds, 4, 4)."""
    with precision("float64"):
        keys = jax.random.split(jax_key(seed, "c17", width), seeds)
        return np.asarray(_draw(keys, jnp.asarray(_INPUTS), width, independent or width))


@partial(jax.jit, static_argnums=(2, 3))
def _draw(keys: jax.Array, x: jax.Array, width: int, independent: int) -> jax.Array:
    net, part = (mlp("relu", 2, width=n, b_std=1.0) for n in (width, independent))

    def kernel(key):
        first, activation, last = part.init(key, (1,))
        copies = width // independent
        first = {"w": jnp.tile(first["w"], (1, copies)), "b": jnp.tile(first["b"], copies)}
        last = {"w": jnp.tile(last["w"], (copies, 1)), "b": last["b"]}
        return ntk(net, (first, activation, last), x)

    return jax.lax.map(kernel, keys, batch_size=50)


def _neuron_variance(z1: float, z2: float) -> float:
    r"""Variance of one neuron's share :math:`\phi\phi + W^2 \phi'\phi' (z_1 z_2 + 1)` of the kernel.

    With :math:`A = \phi\phi`, :math:`B = \phi'\phi'(z_1 z_2 + 1)`, :math:`E W^4 = 3`:
    :math:`E A^2 + 2 E AB + 3 E B^2 - (E A + E B)^2`.
    """
    phi, slope = SCALAR_FUNCTIONS["relu"]
    mean = partial(expectation, q1=z1 * z1 + 1, q2=z2 * z2 + 1, covariance=z1 * z2 + 1)
    factor = z1 * z2 + 1

    def both(f):
        return mean(f, f)

    squares = both(lambda z: phi(z) ** 2) + 3 * factor**2 * both(lambda z: slope(z) ** 2)
    mixed = 2 * factor * both(lambda z: phi(z) * slope(z))
    return squares + mixed - (both(phi) + factor * both(slope)) ** 2


CLAIM = Claim(
    id="C17",
    title="Empirical NTK → analytic NTK at rate 1/√n",
    statement=(
        "At initialisation Θ_n - Θ is of typical size n^(-1/2); for one hidden layer its variance is "
        "exactly V/n, with V the variance of one neuron's share (for ReLU, V = 12 at inputs (1, 1))."
    ),
    source="Costa, section 3.1; Du and Hu, Ultra-Wide Deep Nets and the NTK, step 1; Arora et al. 2019",
    erratum="the bound of Costa's eq. 11 has (log n)^(1/2+ε)/√n, which is an almost-sure bound; the typical size is n^(-1/2)",
    statistics=(
        *(
            Statistic(f"variance_ratio {name}", f"n Var Θ_n / V at inputs {name}", 1.0, 0.85, 1.15)
            for name in _PAIRS
        ),
        Statistic("slope", "exponent of the RMS deviation in the width", -0.5, -0.53, -0.47),
    ),
    settings={
        "widths": (32, 128, 512, 2048, 8192),
        "seeds": 1200,
        "independent_neurons": None,
    },
    adjusted="sample sizes were set for power and time after a pilot at another seed",
    control=Control(
        "independent_neurons",
        32,
        "copies of 32 neurons add no independent terms, so the law of large numbers has nothing to do",
    ),
    measure=measure,
    figure="width_scaling",
    notebook="scaling",
)
"""The claim."""
