r"""What compiled code has to know of layers: steps, with their numbers and an array for each number of a sample.

What a step does with pairs of samples stands in ``duals.hpp``, in the terms of `networks.activations`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from widelimit.networks import (
    ABRelu,
    Abs,
    Dense,
    Erf,
    Gelu,
    Heaviside,
    Layer,
    LeakyRelu,
    Relu,
    SigmoidLike,
    Sign,
)
from widelimit.networks.activations.activation import turn_and_reach
from widelimit.networks.activations.angle import arctangent_over_root
from widelimit.networks.activations.arccosine import angle_over_root, remainder_over_power
from widelimit.networks.activations.arcsine import arcsine_at_one, arcsine_of_variance
from widelimit.networks.activations.gelu import (
    angle_less_sine,
    gelu_at_one,
    gelu_of_variance,
    versine,
)
from widelimit.networks.activations.interpolation import powers_of
from widelimit.networks.mixture import share
from widelimit.networks.safe import safe_ratio, safe_sqrt

__all__ = ["Kind", "Step", "has_steps", "steps", "tables"]

_TERMS = {"float32": 10, "float64": 20}
"""Terms of polynomials in ``vectors.hpp``."""


class Kind(IntEnum):
    """What a step does; the numbers are those of ``program.hpp``."""

    DENSE = 0
    PIECEWISE = 1
    SIGN = 2
    ERF = 3
    GELU = 4


class Step(NamedTuple):
    """One step, with what it has to know.

    Attributes:
        kind: what it does.
        numbers: two of them.
        known: arrays of shape (n,), one entry for each sample.
    """

    kind: Kind
    numbers: tuple[Any, Any]
    known: tuple[jax.Array, ...]


@functools.singledispatch
def steps(part: Layer, q: jax.Array) -> tuple[list[Step], jax.Array]:
    """The steps of a layer, and the variances behind it, from those in front, of shape (n,)."""
    raise NotImplementedError


def has_steps(part: Layer) -> bool:
    """Whether `steps` knows the layer."""
    if isinstance(part, Dense) and part.parameterization != "ntk":
        return False
    return steps.dispatch(type(part)) is not steps.dispatch(object)


@steps.register
def _(part: Dense, q):
    biases = 0.0 if part.b_std is None else part.b_std**2
    weighted = part.w_std**2 * q
    behind = weighted + biases
    known = share(weighted, behind), share(biases, behind), safe_sqrt(behind)
    return [Step(Kind.DENSE, (part.w_std**2, 1.0), known)], behind


@steps.register(Relu)
@steps.register(LeakyRelu)
@steps.register(ABRelu)
@steps.register(Abs)
def _(part, q):
    a, b = (0.0, 1.0) if isinstance(part, Relu) else part.slopes
    return [Step(Kind.PIECEWISE, (a, b), ())], (a**2 + b**2) / 2 * q


@steps.register(Sign)
@steps.register(Heaviside)
def _(part, q):
    height = 2 if isinstance(part, Sign) else 1
    return [Step(Kind.SIGN, (height, 0.0), ())], (q > 0) * height / 2


@steps.register(Erf)
@steps.register(SigmoidLike)
def _(part, q):
    height, steepness, offset = part.curve
    q, scale = steepness**2 * q, 2 * height**2 / jnp.pi
    odd, s = scale * arcsine_of_variance(q, 0.5), q + 0.5
    spread = _spread(lambda r1, r2: scale * arcsine_at_one(r1, r2, 0.5)[-1], q, odd)
    known = (*spread, safe_sqrt(q / s), 0.5 / s, steepness / jnp.sqrt(s))
    whole = odd + offset**2
    constant = share(odd, whole), share(offset**2, whole), safe_sqrt(whole)
    return [Step(Kind.ERF, (scale, 0.0), known), Step(Kind.DENSE, (1.0, 0.0), constant)], whole


@steps.register
def _(_part: Gelu, q):
    behind, s = gelu_of_variance(q), 1 + q
    known = (safe_sqrt(q / s), 1 / s, jnp.sqrt(s), 1 / jnp.sqrt(s))
    return [Step(Kind.GELU, (0.0, 0.0), (*_spread(gelu_at_one, q, behind), *known))], behind


def _spread(
    at_one: Callable[[jax.Array, jax.Array], jax.Array], q: jax.Array, behind: jax.Array
) -> tuple[jax.Array, ...]:
    """What `dual_from_fall` needs of each sample, in units of the standard deviation behind."""
    root, norm = safe_sqrt(q), safe_sqrt(behind)
    turn, reach = turn_and_reach(at_one, root, norm)
    return root, safe_ratio(jnp.ones_like(norm), norm), safe_ratio(turn, norm), reach


@functools.cache
def tables(dtype: str) -> np.ndarray:
    """Coefficients of the polynomials of `interpolation`, the highest power first, shape (tables, terms)."""
    functions = (
        angle_over_root,
        remainder_over_power(1),
        arctangent_over_root,
        angle_less_sine,
        versine,
    )
    rows = []
    for function in functions:
        row = powers_of(function, float(np.finfo(dtype).eps))
        rows.append([0.0] * (_TERMS[dtype] - len(row)) + list(row[::-1]))
    return np.array(rows, dtype)
