"""What is said about errors holds: short series beside long ones, through every kind of layer."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit import networks as nets
from widelimit.kernels.function import output_state
from widelimit.networks import Covariance
from widelimit.networks.bounds import Bound

D, T = nets.Dense, nets.Tanh
CONV = nets.Conv(1, (3,), w_std=1.6, b_std=0.2)

VECTORS = {
    "deep": nets.Serial(*[layer for _ in range(6) for layer in (D(1, 1.7, 0.1), T())], D(1)),
    "ordered": nets.Serial(*[layer for _ in range(20) for layer in (D(1, 1.1, 0.6), T())], D(1)),
    "closed form behind": nets.Serial(D(1, 1.8), T(), D(1, 1.3), nets.Relu(), D(1), nets.Erf(), D(1)),
    "step behind": nets.Serial(D(1, 1.8), T(), D(1), nets.Sign(), D(1)),
    "silu": nets.Serial(D(1, 1.8), nets.Silu(), D(1, b_std=0.3), nets.Silu(), D(1)),
    "normalised": nets.Serial(D(1, 1.8), T(), D(1), nets.LayerNorm(), T(), D(1)),
    "residual": nets.Serial(D(1, 1.8), nets.Residual(T(), D(1, 1.5)), T(), D(1)),
    "standard": nets.Serial(
        D(3, 1.8, 0.0, "standard"), T(), D(9, 1.3, 0.1, "standard", 3), T(), D(1, 1.0, 0.2, "standard"),
    ),
    "product": nets.Serial(
        nets.FanOut(2), nets.Parallel(nets.Serial(D(1), T(), D(1)), D(1)), nets.FanInProd(), D(1), T(), D(1),
    ),
    "concatenation": nets.Serial(
        nets.FanOut(2), nets.Parallel(nets.Serial(D(3), T(), D(3)), D(2)), nets.FanInConcat(), D(1),
    ),
}  # fmt: skip
IMAGES = {
    "pooling": nets.Serial(CONV, T(), nets.AvgPool((2,)), CONV, T(), nets.GlobalAvgPool(), D(1)),
    "joined positions, embedded": nets.Serial(
        CONV,
        T(),
        nets.FanOut(2),
        nets.Parallel(CONV, nets.Conv(1, (1,))),
        nets.FanInPositions(),
        nets.PositionalEmbedding(w_std=0.7),
        nets.Flatten(),
        D(1),
    ),
    "flatten": nets.Serial(CONV, T(), CONV, T(), nets.Flatten(), D(1)),
}


def shortened(name, order):
    shape = (5, 4) if name in VECTORS else (4, 6, 3)
    x = jnp.asarray(np.random.default_rng(1).standard_normal(shape))
    # Close ones, and two that are multiples of each other: there a series is not exact.
    x = x.at[1].set(x[0] + 0.3 * x[2]).at[3].set(-2 * x[0])
    return jax.jit(output_state, static_argnums=3)((VECTORS | IMAGES)[name], x, x, order)


@pytest.mark.thorough(but=("deep",))
@pytest.mark.parametrize("name", [*VECTORS, *IMAGES])
def test_errors_stay_within_their_bounds(double, name):
    rough, fine = shortened(name, 12), shortened(name, 256)
    scale = fine.scale
    errors = {
        "q": jnp.max(jnp.abs(rough.q1 / fine.q1 - 1)),
        "c": jnp.max(jnp.abs(rough.delta - fine.delta)),
        "ntk": jnp.max(jnp.abs(rough.ntk - fine.ntk) / scale),
    }
    for kind, error in errors.items():
        assert error <= getattr(rough.bound, kind) + 1e-13, kind
    assert jnp.max(jnp.abs(rough.ntk) / scale) <= rough.bound.size * (1 + 1e-12)
    # And they shrink with the errors.
    assert fine.bound.ntk < 0.01 * rough.bound.ntk


def test_closed_forms_are_exact_and_say_so(double):
    x = jnp.asarray(np.random.default_rng(0).standard_normal((3, 4)))
    assert jax.jit(output_state)(nets.Serial(D(1), nets.Gelu(), D(1)), x, x).bound is None


def test_an_exact_branch_beside_a_series_has_its_size(double):
    x = jnp.asarray(np.random.default_rng(0).standard_normal((3, 4)))
    exact = jax.jit(output_state)(nets.Serial(D(1), nets.Relu(), D(1)), x, x)
    assert exact.bounded.size == pytest.approx(2, rel=1e-14)
    assert exact.bounded.ntk == exact.bounded.k == 0


def test_multiples_of_each_other_are_not_the_same(double):
    state = jnp.array([[1.2], [10.0], [0.0]])
    dual = [jax.jit(nets.Tanh.dual)(nets.Tanh(order), *state) for order in (32, 256)]
    lacking = jax.jit(nets.Tanh.lacking)(nets.Tanh(32), jnp.array([1.2, 10.0]))
    apart = abs(float(dual[0].delta[0] - dual[1].delta[0]))
    assert 1e-6 < apart < float(lacking.correlation.max())
    x = jnp.array([[1.0, 0.0], [3.0, 0.0]])
    assert Covariance.of_inputs(x, x).reach == 1
    assert Covariance.of_inputs(x[:1], -x[:1]).reach == 0


def test_a_field_that_vanishes_has_no_error(double):
    x = jnp.zeros((2, 3))
    bound = jax.jit(output_state)(nets.Serial(D(1), T(), D(1)), x, x).bound
    assert bound.k == bound.ntk == 0


def test_what_is_not_known_is_not_forgotten(double):
    """A layer that brings all fields together makes small errors smaller, and none out of an unknown field."""
    dual, q = nets.Sigmoid(32).dual, jnp.ones(1)
    activated = jax.jit(lambda bound: bound.activated(dual, None, q))
    small, unknown = (activated(Bound(0.0, c, 0.0, 1.0)) for c in (0.1, 1.1))
    assert small.c < 0.1
    assert unknown.c == 2


def test_rules_of_errors():
    """Each by hand on numbers of which it is easy."""
    bound = Bound(q=0.1, c=0.2, ntk=0.3, size=2.0)
    assert bound.k == pytest.approx(0.3)
    assert bound.mixed() == Bound(0.1, pytest.approx(0.4), 0.3, 2.0)
    assert bound.weighted(1.0).ntk == pytest.approx(0.4 + 0.1 + 0.3)
    assert bound.weighted(0.5).size == 2.0
    assert bound.times(bound).size == 4.0
    assert bound.times(bound).ntk == pytest.approx(2 * (0.3 + 2 * 0.3))
    assert bound.normalised().ntk == pytest.approx(0.5)
    assert bound.stretched(2.0).q == pytest.approx(0.6)
