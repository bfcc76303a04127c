"""Training by Adam with a decaying step: the plain optimiser of the case studies."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from tqdm import tqdm

__all__ = ["Descent", "minimise"]


class Descent(NamedTuple):
    """The end of a descent.

    Attributes:
        params: the parameters.
        steps: steps made when the loss was recorded, (blocks,).
        loss: mean loss over the steps since the last record, (blocks, s).
    """

    params: Any
    steps: np.ndarray
    loss: np.ndarray


def minimise(
    loss: Callable[[Any, jax.Array, Any], jax.Array],
    params: Any,
    keys: jax.Array,
    data: Any = None,
    *,
    steps: int,
    learning_rate: float,
    blocks: int = 20,
    loops: bool = True,
    title: str = "training",
) -> Descent:
    """Minimise the losses of several networks side by side (Kingma and Ba 2015).

    Args:
        loss: ``(params, key, data) -> scalar`` for one network; the key draws minibatches, if any.
        params: parameters of all networks, each leaf with a leading axis of length s.
        keys: one key for each network, shape (s,).
        data: what differs between the networks' losses, each leaf with a leading axis of length s.
        steps: number of steps.
        learning_rate: of the first step; it decays to zero along a cosine.
        blocks: how often the loss is recorded and the bar moves, at most.
        loops: whether many steps are one program, which is faster where steps are short. Not for convolutions: on
            processors XLA runs those in loops twenty times slower.
        title: what the bar says.
    """
    optimiser = _adam(learning_rate, steps)
    state = jax.jit(jax.vmap(optimiser.init))(params)
    ends = np.unique(np.linspace(0, steps, min(blocks, steps) + 1).round().astype(int))
    advance, losses = (_loop if loops else _steps), []
    carry = params, state, keys
    for count in tqdm(np.diff(ends), title, mininterval=2):
        carry, value = advance(loss, optimiser, int(count), carry, data)
        losses.append(np.asarray(value))
    return Descent(carry[0], ends[1:], np.stack(losses))


@cache
def _adam(learning_rate: float, steps: int) -> optax.GradientTransformation:
    """One object for equal arguments, so that equal descents are compiled once."""
    return optax.adam(optax.cosine_decay_schedule(learning_rate, steps))


@partial(jax.jit, static_argnums=(0, 1, 2))
def _loop(loss, optimiser, steps, carry, data):
    def one(carry, data):
        step = partial(_step, loss, optimiser, data=data)
        carry, values = jax.lax.scan(lambda carry, _: step(carry), carry, None, length=steps)
        return carry, jnp.mean(values)

    return jax.vmap(one)(carry, data)


def _steps(loss, optimiser, steps, carry, data):
    total = 0.0
    for _ in range(steps):
        carry, values = _compiled_step(loss, optimiser, carry, data)
        total = total + values
    return carry, total / steps


@partial(jax.jit, static_argnums=(0, 1))
def _compiled_step(loss, optimiser, carry, data):
    return jax.vmap(partial(_step, loss, optimiser))(carry, data)


def _step(loss, optimiser, carry, data):
    params, state, key = carry
    key, draw = jax.random.split(key)
    value, gradient = jax.value_and_grad(loss)(params, draw, data)
    updates, state = optimiser.update(gradient, state)
    return (optax.apply_updates(params, updates), state, key), value
