r"""What attention makes of values, with infinitely many heads of infinitely many channels.

Queries, keys and values are fields q, k, v of independent weights on the same inputs, and a head is
:math:`z(s) = \sum_r A(s, r)\, v(r)`. Attention weights are one of two things (Hron et al. 2020):

fixed, from products of queries and keys that are tied and over the number of channels, which become numbers:
    :math:`A(s, r) = \zeta(\sigma_a K(s, r))` with the covariance within the sample, and

    .. math:: K'(s, s') = \sum_{r, r'} A(s, r)\, A(s', r')\, K_v(r, r'), \qquad
              \Theta'(s, s') = \sum_{r, r'} A(s, r)\, A(s', r')\, \Theta_v(r, r');

random, from queries and keys that are independent and over the root of that number: the logits
    :math:`\ell(s, r)` are a Gaussian field over pairs of positions, anew in each head, and

    .. math:: K_\ell(sr, s'r') = K_q(s, s')\, K_k(r, r'), \qquad
              \Theta_\ell = \Theta_q K_k + K_q \Theta_k, \qquad
              K'(s, s') = \sum_{r, r'} K_A(sr, s'r')\, K_v(r, r'), \qquad
              \Theta' = \sum_{r, r'} [\Theta_A K_v + K_A \Theta_v],

    where :math:`A = \zeta(\ell)` elementwise has the kernels behind an activation.

The tangent kernels of q, k and v count their own weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import Any

import jax
import jax.numpy as jnp

from widelimit.networks.activations import Activation
from widelimit.networks.branches import product
from widelimit.networks.covariance import Covariance
from widelimit.networks.positions import from_moments

__all__ = ["by_fixed_weights", "by_random_weights"]


def by_fixed_weights(
    seen: Covariance, values: Covariance, attend: Callable[[jax.Array, Any], jax.Array]
) -> Covariance:
    """Heads whose weights are numbers.

    Args:
        seen: the field that queries and keys are made of.
        values: values, with all pairs of positions as the former.
        attend: attention weights from covariances within samples, of shape (n, positions, positions), and
            from what positions are absent, shape (n, *S) or None.
    """
    masks = seen.mask or (None, None)
    parts = zip(_within(seen), masks, strict=True)
    first, second = (attend(_flat(part).nngp, mask) for part, mask in parts)

    def averaged(k: jax.Array, a: jax.Array, b: jax.Array) -> jax.Array:
        return jnp.matmul(jnp.matmul(a, k, precision="highest"), b.mT, precision="highest")

    flat = _flat(values)
    k = averaged(flat.nngp, first[:, None], second)
    ntk = None if flat.ntk is None else averaged(flat.ntk, first[:, None], second)
    moments = zip(_within(values), (first, second), strict=True)
    return _heads(values, k, ntk, (averaged(_flat(part).nngp, a, a) for part, a in moments))


def by_random_weights(
    queries: Covariance,
    keys: Covariance,
    values: Covariance,
    activation: Activation | None = None,
) -> Covariance:
    """Heads whose weights are random.

    Args:
        queries, keys, values: fields with all pairs of positions.
        activation: the function of the logits; None are the logits themselves. With a function all pairs of
            pairs of positions are held, the fourth power of their number for each pair of samples.
    """

    def head(*fields: Covariance) -> tuple[jax.Array, Any]:
        q, k, v = (_flat(field) for field in fields)
        return _of_logits(q, k, v) if activation is None else _of_function(activation, q, k, v)

    moments, ntk = head(queries, keys, values)
    parts = zip(_within(queries), _within(keys), _within(values), strict=True)
    return _heads(values, moments, ntk, (head(*fields)[0] for fields in parts))


def _of_logits(q: Covariance, k: Covariance, v: Covariance) -> tuple[jax.Array, Any]:
    r"""Kernels of :math:`z(s) = q(s) \sum_r k(r)\, v(r)`, a product of independent fields."""
    seen = product(k, v)

    def total(x: jax.Array) -> jax.Array:
        return jnp.sum(x, (-2, -1), keepdims=True)

    moments = q.nngp * total(seen.nngp)
    if q.ntk is None:
        return moments, None
    return moments, q.ntk * total(seen.nngp) + q.nngp * total(seen.ntk)


def _of_function(
    activation: Activation, q: Covariance, k: Covariance, v: Covariance
) -> tuple[jax.Array, Any]:
    r"""Kernels of :math:`z(s) = \sum_r \zeta(q(s) k(r))\, v(r)`."""
    logits = product(_spread(q, (-3, -1)), _spread(k, (-4, -2)))
    weights = activation.propagate(logits.replace(gaussian=True))
    seen = product(weights, _spread(v, (-4, -2)))
    ntk = None if seen.ntk is None else jnp.sum(seen.ntk, (-3, -1))
    return jnp.sum(seen.nngp, (-3, -1)), ntk


def _within(state: Covariance) -> tuple[Covariance, Covariance]:
    if state.within is None:
        raise ValueError("attention needs all pairs of positions: make the state with pairs=True.")
    return state.within


def _flat(part: Covariance) -> Covariance:
    """The field with one axis for all positions of each side."""
    batch = part.delta.ndim - 2 * part.positions

    def flat(x: Any) -> Any:
        if x is None:
            return None
        here, there = x.shape[batch : batch + part.positions], x.shape[batch + part.positions :]
        return x.reshape(*x.shape[:batch], prod(here), prod(there))

    return part.replace(
        q1=flat(part.q1), q2=flat(part.q2), delta=flat(part.delta), ntk=flat(part.ntk),
        products=flat(part.products), within=None, positions=1,
    )  # fmt: skip


def _spread(part: Covariance, axes: tuple[int, int]) -> Covariance:
    """The field over pairs of positions of which one is of no account, whose axes on both sides are given."""
    q1, q2, delta = (jnp.expand_dims(x, axes) for x in (part.q1, part.q2, part.delta))
    ntk = None if part.ntk is None else jnp.expand_dims(part.ntk, axes)
    return part.replace(q1=q1, q2=q2, delta=delta, ntk=ntk, positions=2)


def _heads(values: Covariance, k: jax.Array, ntk: Any, within: Iterable[jax.Array]) -> Covariance:
    """All heads, from their kernels with one axis for all positions of each side."""
    shape = values.delta.shape
    moments = (x.reshape(part.delta.shape) for x, part in zip(within, _within(values), strict=True))
    ntk = None if ntk is None else ntk.reshape(shape)
    # A sum over r of products is not Gaussian in itself; the next weights make it so.
    return from_moments(values, k.reshape(shape), ntk, *moments).replace(gaussian=False)
