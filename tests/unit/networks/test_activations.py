"""Each activation's dual against plain quadrature of its definition."""

import itertools
from decimal import Decimal, localcontext
from math import gamma, pi, prod

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from widelimit import networks as nets
from widelimit.networks import Covariance, Dense
from widelimit.networks.activations.activation import Dual
from widelimit.networks.mlp import ACTIVATIONS
from widelimit.theory.gaussian_quadrature import SCALAR_FUNCTIONS, expectation

CORRELATIONS = np.array([-1.0, -0.9, -0.3, 0.0, 0.4, 0.99, 1.0])


def softsign(z):
    return z / (1 + jnp.abs(z))


DEFINITIONS = {
    nets.Relu(): lambda z: np.maximum(z, 0),
    nets.LeakyRelu(0.2): lambda z: np.where(z > 0, z, 0.2 * z),
    nets.Abs(): np.abs,
    nets.ABRelu(-0.3, 1.7): lambda z: np.where(z > 0, 1.7 * z, -0.3 * z),
    nets.RectifiedMonomial(1): lambda z: np.maximum(z, 0),
    nets.RectifiedMonomial(2): lambda z: np.maximum(z, 0) ** 2,
    nets.RectifiedMonomial(5): lambda z: np.maximum(z, 0) ** 5,
    nets.Sign(): np.sign,
    nets.Heaviside(): lambda z: (z > 0) * 1.0,
    nets.Erf(1.3, 0.7, 0.2): lambda z: 1.3 * special.erf(0.7 * z) + 0.2,
    nets.SigmoidLike(): lambda z: (1 + special.erf(z / 2.4020563531719796)) / 2,
    nets.Sin(1.2, 0.8, 0.3): lambda z: 1.2 * np.sin(0.8 * z + 0.3),
    nets.Cos(0.9, 1.1, 0.2): lambda z: 0.9 * np.cos(1.1 * z + 0.2),
    nets.Rbf(0.7): lambda z: np.sqrt(2) * np.sin(np.sqrt(1.4) * z + np.pi / 4),
    nets.Exp(0.8, 0.5): lambda z: 0.8 * np.exp(0.5 * z),
    nets.Gaussian(1.1, 0.6): lambda z: 1.1 * np.exp(-0.6 * z**2),
    nets.Gabor(): lambda z: np.exp(-(z**2)) * np.sin(z),
    nets.Gelu(): lambda z: z * special.ndtr(z),
    nets.Monomial(3): lambda z: z**3,
    nets.Polynomial((0.3, 1.0, -0.5, 0.2)): lambda z: 0.3 + z - 0.5 * z**2 + 0.2 * z**3,
    nets.Hermite(3): lambda z: special.eval_hermitenorm(3, z) / np.sqrt(6),
    nets.Hermite(0): np.ones_like,
    nets.Tanh(order=160): np.tanh,
    nets.Sigmoid(order=128): special.expit,
    nets.Silu(order=128): lambda z: z * special.expit(z),
    nets.Softplus(order=128): lambda z: np.logaddexp(0, z),
    nets.Mish(order=96): lambda z: z * np.tanh(np.logaddexp(0, z)),
    nets.GeluTanh(order=128): lambda z: (
        z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))) / 2
    ),
    nets.Elementwise(jnp.arctan, order=160): np.arctan,
    nets.Elu(0.7): lambda z: np.where(z > 0, z, 0.7 * np.expm1(np.minimum(z, 0))),
    nets.Selu(): lambda z: (
        1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0)))
    ),
    nets.Piecewise(softsign, nodes=48): lambda z: z / (1 + np.abs(z)),
}
"""Each activation beside its definition."""

every_activation = pytest.mark.parametrize("act", DEFINITIONS, ids=lambda act: type(act).__name__)


def slope_of(act):
    return lambda z: np.asarray(jax.jvp(act, (jnp.asarray(z),), (jnp.ones(np.shape(z)),))[1])


def dual_at(act, q1, q2, delta):
    """The dual at variances q1 and q2 and for a list of δ; of one shape, so that it compiles once."""
    padded = np.resize(np.asarray(delta, float), (1, 48))
    dual = jax.jit(type(act).dual)(act, jnp.full((1, 1), q1), jnp.full((1, 1), q2), padded)
    count = len(delta)
    q1, q2 = dual.q1.item(), dual.q2.item()
    return Dual(q1, q2, dual.delta[0, :count], jnp.broadcast_to(dual.dot, (1, 48))[0, :count])


def second_moment(dual):
    return np.sqrt(dual.q1 * dual.q2) * (1 - dual.delta)


@every_activation
def test_dual_is_the_gaussian_expectation(double, act):
    phi, slope = DEFINITIONS[act], slope_of(act)
    dual = dual_at(act, 0.7, 1.9, 1 - CORRELATIONS)
    for j, c in enumerate(CORRELATIONS):
        moments = (0.7, 1.9, c * np.sqrt(0.7 * 1.9))
        expected = expectation(phi, phi, *moments), expectation(slope, slope, *moments)
        np.testing.assert_allclose(second_moment(dual)[j], expected[0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(dual.dot[j], expected[1], rtol=1e-10, atol=1e-12)


@every_activation
def test_finite_activation_is_its_definition(double, act):
    z = np.linspace(-3, 3, 13) + 0.01
    expected = DEFINITIONS[act](z)
    np.testing.assert_allclose(act(jnp.asarray(z)), expected, rtol=1e-12, atol=1e-14)
    step = (DEFINITIONS[act](z + 1e-5) - DEFINITIONS[act](z - 1e-5)) / 2e-5
    np.testing.assert_allclose(slope_of(act)(z), step, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_functions_for_quadrature_are_those_of_the_networks(double, name):
    phi, slope = SCALAR_FUNCTIONS[name]
    z = np.linspace(-3, 3, 13) + 0.01
    np.testing.assert_allclose(ACTIVATIONS[name](jnp.asarray(z)), phi(z), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(slope_of(ACTIVATIONS[name])(z), slope(z), rtol=1e-12, atol=1e-14)


@every_activation
def test_small_differences_between_inputs_keep_their_digits(double, act):
    """F(1) - F(c) ≈ F'(1) δ: one minus the correlation keeps its size where c has no digit left."""
    if isinstance(act, nets.Sign | nets.Heaviside):
        power = 0.5
        size = {nets.Sign: 2, nets.Heaviside: 1}[type(act)] * np.sqrt(2) / np.pi
    else:
        at_one = dual_at(act, 1.0, 1.0, [0.0])
        power, size = 1, at_one.dot[0] / at_one.q1
    d = np.array([1e-6, 1e-10, 1e-14])
    found = dual_at(act, 1.0, 1.0, d).delta
    np.testing.assert_allclose(found, size * d**power, rtol=2e-3, atol=3e-16)


@every_activation
def test_identical_inputs_are_exact(double, act):
    for q in (0.7, 1.3):
        assert dual_at(act, q, q, [0.0]).delta == 0


@every_activation
def test_fields_without_variance_are_identical(double, act):
    found = dual_at(act, 0.0, 0.0, [0.0])
    assert found.q1 == 0 or found.delta == 0


@pytest.mark.parametrize("phase", np.linspace(0.05, 1.5, 12))
def test_waves_of_fields_without_variance_are_identical(double, phase):
    assert dual_at(nets.Cos(1.14, 1.11, float(phase)), 0.0, 0.0, [0.0]).delta == 0


@every_activation
@pytest.mark.thorough
def test_derivatives_are_finite_at_identical_antipodal_and_zero_inputs(double, act):
    x = jnp.array([[1.0, 2.0], [-1.0, -2.0], [0.0, 0.0], [1.0, 2.0]])

    @jax.jit
    def total(act, w, x):
        state = act.propagate(Dense(1, w).propagate(Covariance.of_inputs(x, x)))
        return jnp.sum(state.nngp) + jnp.sum(state.ntk)

    for slopes in jax.grad(total, argnums=(0, 1, 2))(act, 1.3, x):
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slopes))


closed_form = pytest.mark.parametrize(
    "act",
    [act for act in DEFINITIONS if not hasattr(act, "order")],
    ids=lambda act: type(act).__name__,
)


@closed_form
def test_large_variances(double, act):
    """Also where those of both inputs give the same new one to the last digit."""
    phi, moments = DEFINITIONS[act], (20.0, 36.0, 0.9 * np.sqrt(20 * 36))
    found = second_moment(dual_at(act, 20.0, 36.0, [0.1]))
    np.testing.assert_allclose(found, expectation(phi, phi, *moments, order=400), rtol=1e-9)


EXTREME = [
    ("Gelu", 1e-4, 1e-4, 1e-06, 1.0000636306055931e-06, 0.250063649183685),
    ("Gelu", 1e4, 1e4, 1e-06, 1.001094507853059e-06, 0.500531736056321),
    ("Gelu", 1e4, 1e4, 0.5, 0.3910295546888605, 0.3333425201575207),
    ("Gelu", 1e8, 1e8, 1e-06, 9.997040322676103e-07, 0.4997760434696161),
    ("Gelu", 1e8, 1e8, 1.9, 0.990461602542805, 0.07178314327821497),
    ("Gelu", 1e4, 3e4, 0.5, 0.39102045932315366, 0.3333394580359672),
    ("Erf", 1e-4, 1e-4, 1e-06, 1.0000000133279819e-06, 1.2729849731950815),
    ("Erf", 1e4, 1e4, 1e-06, 6.375187588627759e-05, 0.006303397818050978),
    ("Erf", 1e8, 1e8, 1e-06, 0.0008389558062853964, 4.490370771063591e-06),
    ("Erf", 1e8, 1e8, 1.9, 1.712912792608191, 1.460505884307821e-08),
    ("Erf", 1e4, 3e4, 0.5, 0.6649966340925049, 4.2439431979199114e-05),
    ("Gabor", 1e6, 1e6, 0, 0, 0.0003483672479800454),
    ("Gabor", 1e6, 1e6, 1e-12, 3.5414839270474416e-06, 0.0003483652028868896),
    ("Gabor", 1e8, 1e8, 1e-6, 0.9997291942067617, 3.979185970143477e-11),
]
"""Activation, both variances, one minus the correlation in front and behind, and E[φ'φ']: the textbook forms with
120 digits, by mpmath."""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "q1", "q2", "delta", "behind", "dot"), EXTREME)
def test_small_and_large_variances_keep_all_digits(double, dtype, name, q1, q2, delta, behind, dot):
    found = getattr(nets, name)().dual(*jnp.array([q1, q2, delta], dtype))
    digits = 20 * float(jnp.finfo(dtype).eps)
    np.testing.assert_allclose([found.delta, found.dot], [behind, dot], rtol=digits)


def test_the_largest_numbers(double):
    """Variances whose squares are no numbers any more."""
    for act in (nets.Erf(), nets.Gelu(), nets.SigmoidLike(), nets.Relu()):
        for dtype, q in (("float32", 1e37), ("float64", 1e300)):
            found = act.dual(*jnp.array([q, q, 0.5], dtype))
            assert all(np.isfinite(part) for part in found)


@pytest.mark.parametrize("degree", [3, 6, 10, 17, 25])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_high_powers_of_orthogonal_inputs(double, dtype, degree):
    """They are independent: E[(u)₊ⁿ]² = 2ⁿ Γ((n+1)/2)²/4π, over (2n-1)!!/2, and E[uⁿ]² over (2n-1)!!."""
    rectified, power = (
        kind(degree).dual(*jnp.ones(3, dtype)) for kind in (nets.RectifiedMonomial, nets.Monomial)
    )
    whole = prod(range(1, 2 * degree, 2))
    half = 2**degree * gamma((degree + 1) / 2) ** 2 / (2 * pi * whole)
    digits = 30 * float(jnp.finfo(dtype).eps)
    np.testing.assert_allclose(rectified.delta, 1 - half, atol=digits)
    odd = 0 if degree % 2 else prod(range(1, degree, 2)) ** 2 / whole
    np.testing.assert_allclose(power.delta, 1 - odd, atol=digits)


@every_activation
def test_variances_that_differ_by_rounding_are_the_same(double, act):
    """The square root of a rounding error is none, and a wave behind an exponential would tell them apart."""
    for q in (0.7, 1.3, 50.0):
        assert dual_at(act, q, q * (1 + 2.0**-52), [0.0]).delta == 0


@pytest.mark.parametrize(
    "act",
    [nets.Sin(0.8, 0.5, 1.1), nets.Cos(0.8, 0.5, 1.1), nets.Rbf(0.7)],
    ids=["Sin", "Cos", "Rbf"],
)
@pytest.mark.parametrize("q", [9e12, 3e36])
def test_large_variances_that_differ_by_rounding_are_the_same(double, act, q):
    """Waves turn by as much as standard deviations differ, which is a rounding of large ones."""
    found, expected = (dual_at(act, q, q * ratio, [0.0]) for ratio in (1 + 2.0**-52, 1))
    assert found.delta == 0
    np.testing.assert_allclose(found.dot, expected.dot, rtol=1e-14)
    assert found.dot > 0.05


@pytest.mark.parametrize(("q1", "q2"), [(1e15, 90.0), (1e18, 1e3), (9.5e21, 1e3), (1.0, 1e-20)])
@pytest.mark.parametrize("delta", [0.0, 0.3, 1.0])
def test_variances_that_are_far_apart(double, q1, q2, delta):
    """Of a second-degree polynomial, beside its textbook form in 60 digits."""
    powers = (0.79, 0.72, 0.14)
    a, b, c, x, y, d = map(Decimal, (*powers, q1, q2, delta))
    with localcontext(prec=60):

        def moment(x, y, k):
            return (a + c * x) * (a + c * y) + b**2 * k + 2 * c**2 * k**2

        norm = (moment(x, x, x) * moment(y, y, y)).sqrt()
        expected = float(1 - moment(x, y, (x * y).sqrt() * (1 - d)) / norm)
    found = dual_at(nets.Polynomial(powers), q1, q2, [delta]).delta.item()
    assert abs(found - expected) < 1e-15


@every_activation
def test_variances_that_are_close_are_told_apart(double, act):
    """Its square root, as a kink makes of it, has the digits that it would have for variances far apart."""
    for q, ratio in itertools.product((0.1, 1.3), (1e-12, 1e-8, 1e-5, 1e-4, 3e-4, 1e-3)):
        other = q * (1 + ratio)
        found = dual_at(act, q, other, [0.0]).delta.item()
        assert abs(np.sqrt(found) - distance(DEFINITIONS[act], q, other)) < 3e-11


def distance(phi, q1, q2):
    """The norm of the difference of normalised functions of one Gaussian, over √2."""
    node, weight = np.polynomial.legendre.leggauss(400)
    z = np.concatenate([6 * node - 6, 6 * node + 6])  # a kink at zero lies between the halves
    weight = np.tile(6 * weight, 2) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    values = [phi(np.sqrt(q) * z) for q in (q1, q2)]
    first, second = (v / np.sqrt(np.sum(weight * v**2)) for v in values)
    return np.sqrt(np.sum(weight * (first - second) ** 2) / 2)


def test_leaky_relu_of_slope_zero_is_relu(double):
    q, delta = jnp.array([1.0, 2.0]), jnp.array([[0.0, 0.5], [0.5, 0.0]])
    for a, b in zip(
        nets.LeakyRelu(0.0).dual(q, q, delta), nets.Relu().dual(q, q, delta), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_absolute_value_is_even(double):
    q = jnp.ones((1, 1))
    same, opposite = (nets.Abs().dual(q, q, jnp.array([[d]])) for d in (0.0, 2.0))
    np.testing.assert_allclose(same.delta, opposite.delta, atol=1e-15)
    np.testing.assert_allclose(same.dot, -opposite.dot, rtol=1e-14)


@pytest.mark.parametrize("order", [6, 7, 20, 33])
@pytest.mark.parametrize("variance", [0.5, 4.0])
def test_the_error_of_a_short_series_is_within_its_bound(double, order, variance):
    act, exact = nets.Tanh(order=order), nets.Tanh(order=400)
    delta = np.linspace(0, 2, 41)
    short, long = (dual_at(a, variance, variance, delta) for a in (act, exact))
    bounds = jax.jit(nets.Tanh.lacking)(act, jnp.full((1, 1), variance))
    assert np.all(bounds.correlation < 0.1)
    assert np.all(jnp.abs(short.delta - long.delta) <= bounds.correlation + 1e-14)
    assert np.all(jnp.abs(short.dot - long.dot) <= bounds.slope + 1e-14)
    assert jnp.max(jnp.abs(short.dot - long.dot)) > 1e-3 * bounds.slope.item()


def test_kinks_may_lie_anywhere(double):
    """A hinge at 1, which is E[(u-1)₊(v-1)₊]; at correlation 0 and 1 a product and a square in one dimension."""
    act = nets.Piecewise(hinge, kinks=(1.0,))
    dual = dual_at(act, 1.0, 1.0, [1.0, 0.0])
    density, above = np.exp(-0.5) / np.sqrt(2 * np.pi), special.ndtr(-1.0)
    mean, square = density - above, 2 * above - density
    np.testing.assert_allclose(second_moment(dual), [mean**2, square], rtol=0, atol=1e-11)
    np.testing.assert_allclose(dual.dot, [above**2, above], rtol=1e-10)


def hinge(z):
    return jnp.maximum(z - 1, 0)


def test_a_jump_is_not_a_kink():
    with pytest.raises(ValueError, match="jumps by about 1 at 0.0"):
        nets.Piecewise(lambda z: jnp.where(z > 0, 1.0, 0.0))


def test_the_normalised_exponential_kernel_has_no_finite_network(double):
    dual = nets.ExpNormalized(2.0).dual(jnp.ones((1, 1)), jnp.ones((1, 1)), jnp.array([[0.3]]))
    assert dual.q1 == 1
    assert 1 - dual.delta == pytest.approx(np.exp(-0.6))
    assert dual.dot == pytest.approx(2 * np.exp(-0.6))
    with pytest.raises(ValueError, match="has no finite network"):
        nets.ExpNormalized()(jnp.ones(2))


@pytest.mark.parametrize(("kind", "degree"), [(nets.Monomial, 0), (nets.RectifiedMonomial, 0)])
def test_degrees_that_make_no_sense_are_refused(kind, degree):
    with pytest.raises(ValueError, match="got degree 0, expected at least 1"):
        kind(degree)
