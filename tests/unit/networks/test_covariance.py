import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.networks import Covariance, Erf, inputs
from widelimit.networks.fingerprints import fingerprint
from widelimit.networks.inputs import Inputs


def test_nngp_of_inputs_is_the_scaled_inner_product(double):
    x = jax.random.normal(jax.random.key(0), (5, 7))
    state = Covariance.of_inputs(x, x)
    np.testing.assert_allclose(state.nngp, x @ x.T / 7, rtol=1e-13, atol=1e-14)


def test_identical_antipodal_and_zero_inputs_are_exact(double):
    x = jax.random.normal(jax.random.key(0), (50, 9))
    same = Covariance.of_inputs(x, x).delta
    assert np.all(np.diag(same) == 0)
    assert np.all(np.diag(Covariance.of_inputs(x, -x).delta) == 2)
    zero = Covariance.of_inputs(jnp.zeros((1, 9)), x)
    assert np.all(zero.nngp == 0)


@pytest.mark.parametrize("factor", [2.0, 0.125, 2.0**-40])
def test_multiples_by_powers_of_two_are_exact(double, factor):
    x = jax.random.normal(jax.random.key(0), (50, 9))
    assert np.all(np.diag(Covariance.of_inputs(x, factor * x).delta) == 0)
    assert np.all(np.diag(Covariance.of_inputs(-factor * x, x).delta) == 2)


def test_minus_zero_is_zero(double):
    a, b = jnp.array([[0.0, 1.0]]), jnp.array([[-0.0, 1.0]])
    assert Covariance.of_inputs(a, b).delta[0, 0] == 0


def test_inputs_that_differ_in_one_bit_are_not_identical(double):
    x = np.random.default_rng(0).standard_normal((1, 20))
    y = x.copy()
    y[0, 3] = np.nextafter(y[0, 3], np.inf)
    assert fingerprint(jnp.asarray(x)) != fingerprint(jnp.asarray(y))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_inputs_of_two_values_are_told_apart(double, rng, dtype):
    """A base of 1000 signs, and it with two of them flipped."""
    base = rng.choice([-1.0, 1.0], 1000)
    flips = np.array([rng.choice(1000, 2, replace=False) for _ in range(3000)])
    flips = np.unique(np.sort(flips, axis=1), axis=0)
    x = np.tile(base, (len(flips), 1))
    np.put_along_axis(x, flips, -np.take_along_axis(x, flips, axis=1), axis=1)
    assert len(np.unique(fingerprint(jnp.asarray(x, dtype)))) == len(x)


@pytest.mark.parametrize("kind", [int, bool])
def test_inputs_that_are_no_fractions(double, kind):
    x = np.array([[1, 0, 1], [0, 0, 1]])
    found, expected = (Covariance.of_inputs(x.astype(t), None) for t in (kind, float))
    assert np.array_equal(found.nngp, expected.nngp)
    assert found.delta.dtype == "float64"


def test_half_and_mixed_precision(double):
    x = np.sin(np.arange(12.0)).reshape(3, 4)
    half = Covariance.of_inputs(x.astype("float16"), None)
    assert half.delta.dtype == "float32"
    single = x.astype("float32")
    mixed = Covariance.of_inputs(single, single.astype(float))
    assert mixed.delta.dtype == "float64"
    assert np.all(np.diag(mixed.delta) == 0)


@pytest.mark.parametrize("n", [0, 1, 64, 130])
def test_what_is_known_of_inputs_does_not_depend_on_blocks(monkeypatch, n):
    x = np.sin(np.arange(3.0 * n)).reshape(n, 3).astype("float32")
    whole = Inputs.of(x)
    monkeypatch.setattr(inputs, "_BLOCK", 50 * x[:1].nbytes)
    for name in ("q", "mark", "opposite"):
        found = getattr(Inputs.of(x), name)
        assert found.shape == (n,)
        assert np.array_equal(found, getattr(whole, name))


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="a single input needs an axis of length 1"):
        Covariance.of_inputs(jnp.ones(3), jnp.ones((2, 3)))
    with pytest.raises(ValueError, match=r"x1 have shape \(3,\) and those of x2 \(4,\)"):
        Covariance.of_inputs(jnp.ones((2, 3)), jnp.ones((2, 4)))


@pytest.mark.parametrize("pairs", [False, True])
def test_images_are_compared_position_by_position(double, pairs):
    x, y = jax.random.normal(jax.random.key(0), (2, 3, 4, 5, 2))
    state = Covariance.of_inputs(x, y[:2], pairs=pairs)
    expected = jnp.einsum("ahwc,bijc->abhwij", x, y[:2]) / 2
    if not pairs:
        expected = jnp.einsum("abhwhw->abhw", expected)
    np.testing.assert_allclose(state.nngp, expected, rtol=1e-12, atol=1e-13)
    assert (state.within is not None) == pairs
    if pairs:
        expected = jnp.einsum("ahwc,aijc->ahwij", x, x) / 2
        np.testing.assert_allclose(state.within[0].nngp, expected, rtol=1e-12, atol=1e-13)


def test_identical_images_are_exact_at_each_position(double):
    x = jax.random.normal(jax.random.key(0), (2, 4, 4, 3))
    state = Covariance.of_inputs(x, x, pairs=True)
    delta = jnp.einsum("aahwhw->ahw", state.delta)
    assert np.all(delta == 0)
    assert np.all(jnp.einsum("ahwhw->ahw", state.within[1].delta) == 0)


@pytest.mark.parametrize("sign", [1, -1])
def test_pairs_of_positions_between_identical_images_are_those_within(double, sign):
    """Rounding of the one and not of the other would be magnified by kinks; what is more than that stays."""
    x = jax.random.normal(jax.random.key(0), (3, 4, 2))
    state = Covariance.of_inputs(x, sign * x, pairs=True)
    own = state.within[0].delta if sign == 1 else 2 - state.within[0].delta
    elsewhere = ~np.eye(4, dtype=bool)
    for noise, expected in ((4e-15, own), (1e-12, own + 1e-12 * elsewhere)):
        moved = state.replace(delta=state.delta + noise * elsewhere).settled()
        between = np.asarray(moved.delta)[np.arange(3), np.arange(3)]
        np.testing.assert_array_equal(between, expected)
        others = ~np.eye(3, dtype=bool)
        np.testing.assert_array_equal(
            moved.delta[others], (state.delta + noise * elsewhere)[others]
        )


@pytest.mark.parametrize("sign", [1, -1])
def test_pairs_of_positions_within_identical_images_are_the_same(double, sign):
    """A jump would magnify rounding, and variances behind a pooling would no longer be the same."""
    x = jax.random.normal(jax.random.key(0), (3, 4, 2))
    order = np.array([2, 0, 1])
    state = Covariance.of_inputs(x, sign * x[order], pairs=True)
    first, second = state.within
    for noise, agreed in ((4e-15, True), (1e-12, False)):
        moved = second.replace(delta=second.delta + noise)
        found = state.replace(within=(first, moved)).settled().within[1].delta
        np.testing.assert_array_equal(found, first.delta[order] if agreed else moved.delta)


def test_an_activation_on_raw_inputs_is_refused():
    state = Covariance.of_inputs(jnp.ones((2, 3)), jnp.ones((2, 3)))
    with pytest.raises(ValueError, match="put a Dense layer in front"):
        Erf().propagate(state)
