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
    Cos,
    Dense,
    Erf,
    Exp,
    ExpNormalized,
    Frozen,
    Gaussian,
    Gelu,
    Heaviside,
    Hermite,
    Layer,
    LeakyRelu,
    Monomial,
    Polynomial,
    Rbf,
    Relu,
    SigmoidLike,
    Sign,
    Sin,
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

__all__ = ["Kind", "Step", "has_steps", "steps", "tables", "untrained"]

_TERMS = {"float32": (8, 7, 9, 6, 6), "float64": (19, 18, 20, 11, 11)}
"""Terms of the polynomials of `tables`, as in ``duals.hpp``."""


class Kind(IntEnum):
    """What a step does; the numbers are those of ``program.hpp``."""

    DENSE = 0
    PIECEWISE = 1
    SIGN = 2
    ERF = 3
    GELU = 4
    EXPONENTIAL = 5
    GAUSSIAN = 6
    WAVE = 7
    HERMITE = 8
    CONVOLVE = 9
    COPY = 10
    SWAP = 11
    ADD = 12
    POOL = 13


class Step(NamedTuple):
    """One step, with what it has to know.

    Attributes:
        kind: what it does.
        behind: variances behind it, an entry for each sample (and position).
        numbers: three of them, for weights their variance, that of biases, and whether they are trained.
        known: arrays of the shape of ``behind``.
    """

    kind: Kind
    behind: jax.Array
    numbers: tuple[Any, Any, Any] = (0.0, 0.0, 0.0)
    known: tuple[jax.Array, ...] = ()


@functools.singledispatch
def steps(part: Layer, q: jax.Array) -> list[Step]:
    """The steps of a layer that takes positions one by one, from variances in front of it."""
    raise TypeError(
        f"{type(part).__name__} behind variances of shape {q.shape} has no steps: ask `has_steps` first."
    )


def has_steps(part: Layer) -> bool:
    """Whether `steps` knows the layer: of a class that is made from one of them it knows nothing."""
    if isinstance(part, Frozen):
        return has_steps(part.inner)
    if isinstance(part, Dense) and part.parameterization != "ntk":
        return False
    return type(part) in steps.registry


@steps.register
def _(part: Frozen, q):
    return untrained(steps(part.inner, q))


def untrained(found: list[Any]) -> list[Any]:
    """Steps whose weights add nothing to the tangent kernel."""
    weighted = Kind.DENSE, Kind.CONVOLVE
    return [s._replace(numbers=(*s.numbers[:2], 0.0)) if s.kind in weighted else s for s in found]


@steps.register
def _(part: Dense, q):
    biases = 0.0 if part.b_std is None else part.b_std**2
    return [_affine(part.w_std**2, q, biases, 1.0)]


def _affine(square: Any, q: jax.Array, biases: Any, trained: float) -> Step:
    behind = square * q + biases
    known = share(square * q, behind), share(biases, behind), safe_sqrt(behind)
    return Step(Kind.DENSE, behind, (square, biases, trained), known)


@steps.register(Relu)
@steps.register(LeakyRelu)
@steps.register(ABRelu)
@steps.register(Abs)
def _(part, q):
    a, b = (0.0, 1.0) if isinstance(part, Relu) else part.slopes
    return [Step(Kind.PIECEWISE, (a**2 + b**2) / 2 * q, (a, b, 0.0))]


@steps.register(Sign)
@steps.register(Heaviside)
def _(part, q):
    height = 2.0 if isinstance(part, Sign) else 1.0
    return [Step(Kind.SIGN, (q > 0) * jnp.asarray(height / 2, q.dtype), (height, 0.0, 0.0))]


@steps.register(Erf)
@steps.register(SigmoidLike)
def _(part, q):
    height, steepness, offset = part.curve
    q, scale = steepness**2 * q, 2 * height**2 / jnp.pi
    odd, s = scale * arcsine_of_variance(q, 0.5), q + 0.5
    spread = _spread(lambda r1, r2: scale * arcsine_at_one(r1, r2, 0.5)[-1], q, odd)
    known = (*spread, safe_sqrt(q / s), 0.5 / s, steepness / jnp.sqrt(s))
    return [Step(Kind.ERF, odd, (scale, 0.0, 0.0), known), _affine(1.0, odd, offset**2, 0.0)]


@steps.register
def _(_part: Gelu, q):
    behind, s = gelu_of_variance(q), 1 + q
    known = (safe_sqrt(q / s), 1 / s, jnp.sqrt(s), 1 / jnp.sqrt(s))
    return [Step(Kind.GELU, behind, known=(*_spread(gelu_at_one, q, behind), *known))]


@steps.register
def _(part: Exp, q):
    root, factor = part.b * safe_sqrt(q), part.a * jnp.exp(part.b**2 * q)
    return [_exponential(factor**2, root / jnp.sqrt(2.0), root, part.b * factor)]


@steps.register
def _(part: ExpNormalized, q):
    one, gain = jnp.ones_like(q), jnp.exp(part.gamma * (1 + part.shift))
    return [
        _exponential(gain * q, 0 * one, jnp.sqrt(part.gamma) * one, jnp.sqrt(part.gamma * gain) * one)
    ]  # fmt: skip


@steps.register
def _(part: Rbf, q):
    one, root = jnp.ones_like(q), jnp.sqrt(part.gamma) * safe_sqrt(q)
    return [_exponential(one, root, jnp.sqrt(2.0) * root, jnp.sqrt(2 * part.gamma) * one)]


def _exponential(behind: jax.Array, *known: jax.Array) -> Step:
    return Step(Kind.EXPONENTIAL, behind, known=known)


@steps.register
def _(part: Gaussian, q):
    x = 2 * part.b * q
    w = jnp.sqrt(1 + 2 * x)
    slope = 2 * part.a * part.b * safe_sqrt(q) / (w * jnp.sqrt(w))
    return [Step(Kind.GAUSSIAN, part.a**2 / w, known=(x, w, 1 / w, slope))]


@steps.register(Sin)
@steps.register(Cos)
def _(part, q):
    amplitude, frequency, phase = part.wave
    behind = part.variance(safe_sqrt(q))
    numbers = amplitude**2 / 2, frequency, 2 * jnp.sin(phase) ** 2
    return [Step(Kind.WAVE, behind, numbers, _spread(part.at_one, q, behind))]


@steps.register(Polynomial)
@steps.register(Hermite)
@steps.register(Monomial)
def _(part, q):
    phi, slope = part.series(safe_sqrt(q))
    behind = jnp.sum(phi**2, axis=0)
    unit = safe_ratio(phi, safe_sqrt(behind))
    return [Step(Kind.HERMITE, behind, (len(phi) - 1, 0.0, 0.0), (*unit, *slope))]


def _spread(
    at_one: Callable[[jax.Array, jax.Array], jax.Array], q: jax.Array, behind: jax.Array
) -> tuple[jax.Array, ...]:
    """What `dual_from_fall` needs of each sample, in units of the standard deviation behind."""
    root, norm = safe_sqrt(q), safe_sqrt(behind)
    turn, reach = turn_and_reach(at_one, root, norm)
    return root, safe_ratio(jnp.ones_like(norm), norm), safe_ratio(turn, norm), reach


@functools.cache
def tables(dtype: str) -> np.ndarray:
    """Coefficients of the polynomials of `interpolation`, the highest power first, shape (functions, columns).

    They have zeros in front. The numbers of terms are those of ``duals.hpp``.
    """
    remainder = remainder_over_power(1)
    functions = (angle_over_root, remainder, arctangent_over_root, angle_less_sine, versine)
    factors = (1 / np.pi, 1 / np.pi, 1, 1, 1)
    found = np.zeros((len(functions), max(_TERMS["float64"])), dtype)
    for row, function, factor, terms in zip(found, functions, factors, _TERMS[dtype], strict=True):
        powers = powers_of(function, float(np.finfo(dtype).eps))
        row[-len(powers) :] = factor * np.array(powers[::-1])
        assert len(powers) <= terms, f"{function.__name__} takes {len(powers)} terms, not {terms}."
    return found
