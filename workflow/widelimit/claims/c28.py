"""C28: training converges exponentially, at the rate of the kernel's smallest eigenvalue."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.dynamics import network_flow
from widelimit.keys import jax_key
from widelimit.networks import Layer, mlp
from widelimit.precision import precision
from widelimit.statistics import ConfidenceDistribution, student
from widelimit.theory.gaussian_quadrature import mlp_kernels

__all__ = ["CLAIM"]

_X = np.array([[1.0, 0.5, -0.25], [0.5, -1.0, 0.0], [0.3, 0.8, 1.2], [-1.0, 0.2, 0.4]])
_Y = np.array([[1.0], [-1.0], [0.5], [-0.5]])


def measure(
    seed: int, *, width: int, seeds: int, window: tuple[float, float], loss: str
) -> dict[str, ConfidenceDistribution]:
    """Late-time decay rate of the training error of wide tanh networks, over λ_min of the limit.

    ``window`` is in units of 1/λ_min. The loss is the sum over samples or their mean. The residual
    falls to e⁻¹⁵, so the solver's error must stay far below that.
    """
    net = mlp("tanh", 2, width=width, b_std=1.0)
    limit = [[mlp_kernels("tanh", 2, a, b, w_std=1.0, b_std=1.0)[1] for a in _X] for b in _X]
    smallest = float(np.linalg.eigvalsh(np.array(limit))[0])
    times = tuple(t / smallest for t in window)
    rate = {"sum": 1.0, "mean": 1.0 / len(_X)}[loss]
    with precision("float64"):
        keys = jax.random.split(jax_key(seed, "c28"), seeds)
        outputs = np.asarray(_train(net, keys, jnp.asarray(times), rate))
    error = np.log(np.linalg.norm(outputs - _Y, axis=(2, 3)))
    rates = (error[:, 0] - error[:, 1]) / (times[1] - times[0])
    return {"rate_ratio": student(rates / smallest)}


@jax.jit
def _train(net: Layer, keys: jax.Array, times: jax.Array, rate: float) -> jax.Array:
    """Outputs (s, times, n, 1); claim and control share what is compiled."""
    x, y = jnp.asarray(_X), jnp.asarray(_Y)

    def train(key):
        params = net.init(key, x.shape[1:])
        return network_flow(net.apply, params, x, y, times, rate=rate, tolerance=1e-12).outputs

    return jax.lax.map(train, keys, batch_size=8)


CLAIM = Claim(
    id="C28",
    title="Exponential convergence at rate λ_min",
    statement=(
        "For generic starting values |f(X) - y| of a wide network decays like e^(-λ_min t) with the "
        "smallest eigenvalue of Θ, for the loss ½ Σ (f - y)²."
    ),
    source="Costa, eq. 13; popular article",
    erratum=(
        "Costa concludes that λ_min limits the learning rate; the stability limit is 2/λ_max, and λ_min "
        "sets the speed"
    ),
    statistics=(
        Statistic("rate_ratio", "decay rate over λ_min of the limit kernel", 1.0, 0.95, 1.05),
    ),
    settings={"width": 4096, "seeds": 18, "window": (5.0, 15.0), "loss": "sum"},
    adjusted=(
        "after runs at other seeds: the solver's tolerance, whose error floor lay above the residual; the "
        "activation, erf until then, for time; seeds, for power and time"
    ),
    control=Control("loss", "mean", "the mean over N samples divides all rates by N"),
    measure=measure,
)
"""The claim."""
