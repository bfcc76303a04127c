r"""The empirical neural tangent kernel :math:`\Theta(x, x') = J(x) J(x')^\top`, parameter leaf by leaf.

:math:`J = \partial f/\partial\theta` is never formed as a whole. A weight matrix that enters a
product :math:`a W` contributes :math:`(a \cdot a')\,(\beta \cdot \beta')` with the activations
:math:`a` before it and the cotangents :math:`\beta` behind it; other leaves, such as biases and filters, contribute
the product of their explicit gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from widelimit.networks import Layer
from widelimit.tangents.uses import Trace, trace

__all__ = ["ntk"]


class _Factors(NamedTuple):
    """What one set of n samples contributes to the kernel, for a function with o outputs.

    ``rows[W]`` and ``cotangents[W]`` list, for each use of leaf W, arrays (n, i) and (n, o, j);
    ``gradients`` holds the explicit gradients (n, o, p) of the remaining leaves.
    """

    rows: dict[int, list[jax.Array]]
    cotangents: dict[int, list[jax.Array]]
    gradients: jax.Array


def ntk(
    f: Layer | Callable[[Any, jax.Array], jax.Array],
    params: Any,
    x1: jax.Array,
    x2: jax.Array | None = None,
    *,
    outputs: str = "trace",
) -> jax.Array:
    """Empirical tangent kernel of a network, or of any function ``f(params, x)``, at ``params``.

    A function must treat the samples of a batch independently (no batch statistics); a network may couple
    them. It may be traced: jit it, or vmap it over parameters.

    Args:
        f: a network of `widelimit.networks`, or a function that maps parameters and inputs of shape
            (n, ...) to outputs of shape (n, o) or (n,).
        params: a pytree of arrays; the kernel sums over all of its leaves.
        x1: inputs, shape (n1, ...).
        x2: inputs, shape (n2, ...); None means ``x1``. A network that couples samples (`BatchNormRelu`) has
            none: x1 is its batch.
        outputs: "trace" for the trace over outputs divided by their number, shape (n1, n2); "full"
            for all pairs of outputs, shape (n1, n2, o, o).

    Returns:
        The kernel in the precision of its arguments. Memory beyond the parameters is linear in
        samples × outputs × layer widths for weights that meet one vector of each sample. Those that meet several
        (convolutions, attention, positions) or enter a loop (``lax.scan``) add a gradient of their size for each
        sample and output, and so do all of a network that couples samples.
    """
    if outputs not in ("trace", "full"):
        raise ValueError(f"outputs is {outputs!r}, expected 'trace' or 'full'.")
    if isinstance(f, Layer) and f.couples_samples:
        return _of_batch(f, params, x1, x2, outputs)
    apply = f.apply if isinstance(f, Layer) else f
    traced = trace(lambda p, x: jnp.ravel(apply(p, x[None])), params, x1[0])
    left = _factors(traced, params, x1)
    right = left if x2 is None else _factors(traced, params, x2)
    return _contract(left, right, outputs)


def _of_batch(
    net: Layer, params: Any, x: jax.Array, x2: jax.Array | None, outputs: str
) -> jax.Array:
    """The kernel of a network that couples samples: a batch is one sample with all of their outputs."""
    if x2 is not None:
        raise ValueError(
            "x2 is given, but the network couples the samples of a batch (BatchNormRelu): put all samples into "
            "x1 and take the entries needed from the result."
        )
    n = len(x)
    whole = ntk(lambda p, batch: net.apply(p, batch[0])[None], params, x[None], outputs="full")
    pairs = jnp.swapaxes(whole.reshape(n, -1, n, whole.shape[-1] // n), 1, 2)
    return pairs if outputs == "full" else jnp.trace(pairs, axis1=2, axis2=3) / pairs.shape[-1]


def _factors(traced: Trace, params: Any, x: jax.Array) -> _Factors:
    leaves = jax.tree.leaves(params)
    weights = traced.weight_values(leaves)

    def sample(xi):
        def outputs_of(taps):
            return traced.run(weights, taps, [xi])

        y, pull, records = jax.vjp(outputs_of, traced.taps(), has_aux=True)
        (cotangents,) = jax.vmap(pull)(jnp.eye(y.size, dtype=y.dtype))
        return records, cotangents, _general_gradients(traced, leaves, records, cotangents)

    records, cotangents, gradients = jax.vmap(sample)(x)
    rows: dict[int, list[jax.Array]] = {}
    outer: dict[int, list[jax.Array]] = {}
    for use, record, cotangent in zip(traced.uses, records, cotangents, strict=True):
        if use.outer_leaf is not None:
            rows.setdefault(use.outer_leaf, []).append(record[0].reshape(len(x), -1))
            (of_product,) = cotangent
            flat = of_product.reshape(*of_product.shape[:2], -1)
            outer.setdefault(use.outer_leaf, []).append(flat)
    return _Factors(rows, outer, gradients)


def _general_gradients(
    traced: Trace,
    leaves: list[jax.Array],
    records: list[tuple[jax.Array, ...]],
    cotangents: list[tuple[jax.Array, ...]],
) -> jax.Array:
    """Explicit gradients of one sample's outputs for the leaves without outer products, (o, p)."""
    bare = {use.outer_leaf for use in traced.uses}
    general = [i for i in range(len(leaves)) if i not in bare]

    def use_outputs(values):
        held = list(leaves)
        for i, value in zip(general, values, strict=True):
            held[i] = value
        return traced.use_outputs(held, records)

    _, pull = jax.vjp(use_outputs, [leaves[i] for i in general])
    (gradients,) = jax.vmap(pull)(cotangents)
    some = jax.tree.leaves(cotangents)[0]
    n_outputs = len(some)
    empty = jnp.zeros((n_outputs, 0), some.dtype)
    return jnp.concatenate([empty, *(g.reshape(n_outputs, -1) for g in gradients)], axis=1)


def _contract(left: _Factors, right: _Factors, outputs: str) -> jax.Array:
    """Sum of the leaves' contributions; several uses of one leaf interact."""
    product = _trace_product if outputs == "trace" else _full_product
    kernel = product(left.gradients, right.gradients)
    for leaf in left.rows:
        for row1, cotangent1 in zip(left.rows[leaf], left.cotangents[leaf], strict=True):
            for row2, cotangent2 in zip(right.rows[leaf], right.cotangents[leaf], strict=True):
                inner = row1 @ row2.T
                term = product(cotangent1, cotangent2)
                kernel = kernel + inner.reshape(*inner.shape, *[1] * (term.ndim - 2)) * term
    return kernel


def _trace_product(a: jax.Array, b: jax.Array) -> jax.Array:
    n_outputs = a.shape[1]
    return a.reshape(len(a), -1) @ b.reshape(len(b), -1).T / n_outputs


def _full_product(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.einsum("sop,tqp->stoq", a, b)
