r"""Training real networks by gradient flow :math:`\dot\theta = -\eta \nabla_\theta L`, integrated to a tolerance.

The loss is :math:`\frac12 \sum_i |f(x_i) - y_i|^2`. An adaptive Runge-Kutta method (Tsitouras 5(4))
replaces the small steps of gradient descent, so that a rate read off the trajectory is that of the
flow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from widelimit.tangents import ntk

__all__ = ["Trajectory", "network_flow"]


class Trajectory(NamedTuple):
    """What was seen along the way.

    Attributes:
        outputs: f on the training inputs, shape (t, n, o).
        kernel: tangent kernel on the training inputs times the rate η, shape (t, n, n).
    """

    outputs: jax.Array
    kernel: jax.Array


def network_flow(
    f: Callable[[Any, jax.Array], jax.Array],
    params: Any,
    x: jax.Array,
    y: jax.Array,
    times: Sequence[float] | jax.Array,
    *,
    rate: float = 1.0,
    tolerance: float = 1e-6,
) -> Trajectory:
    """Train ``f(params, x)`` by gradient flow and report outputs and kernel at ``times``.

    Args:
        f: the network.
        params: where to start.
        x, y: training set, shapes (n, d) and (n, o).
        times: ascending, the first at or after 0.
        rate: η, the speed of all parameters; mean-field scaling needs the width.
        tolerance: relative and absolute error allowed in each step.

    Returns:
        The trajectory. The function may be traced: vmap it over parameters.
    """
    import diffrax  # slow to import, and most that trains does without

    # The solver sees the bare arrays: it does not accept the empty entries of activations.
    leaves, structure = jax.tree.flatten(params)

    def loss(leaves):
        return 0.5 * jnp.sum((f(structure.unflatten(leaves), x) - y) ** 2)

    def velocity(_t, leaves, _args):
        return [-rate * gradient for gradient in jax.grad(loss)(leaves)]

    def segment(leaves, ends):
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(velocity),
            diffrax.Tsit5(),
            t0=ends[0],
            t1=ends[1],
            dt0=None,
            y0=leaves,
            stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance),
            adjoint=diffrax.ForwardMode(),
            max_steps=100_000,
        )
        leaves = [leaf[0] for leaf in solution.ys]
        params = structure.unflatten(leaves)
        return leaves, Trajectory(f(params, x), rate * ntk(f, params, x))

    times = jnp.asarray(times, float)
    ends = jnp.stack([jnp.append(0.0, times[:-1]), times], axis=1)
    return jax.lax.scan(segment, leaves, ends)[1]
