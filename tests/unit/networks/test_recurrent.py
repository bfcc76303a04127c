import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from widelimit import kernels
from widelimit.networks import (
    GRU,
    RNN,
    Covariance,
    Dense,
    Erf,
    Frozen,
    Index,
    Relu,
    Serial,
    Tanh,
)
from widelimit.networks.bounds import Bound
from widelimit.networks.positions import equal_positions

KEY = jax.random.key(0)
W, U, B = 1.2, 0.9, 0.4


@pytest.fixture
def x(rng):
    return rng.standard_normal((3, 4, 2))


def rectified(x, y):
    """All pairs of times of one layer on two samples of shape (T, d), by loops: E[φφ] and Θ of its states."""
    q1, q2 = variances(x), variances(y)
    times, channels = x.shape
    k, tangent = np.zeros((2, times + 1, times + 1))
    for t in range(times):
        for r in range(times):
            field = W**2 * k[t, r] + U**2 * x[t] @ y[r] / channels + B**2
            scale = np.sqrt(q1[t] * q2[r])
            angle = np.arccos(np.clip(field / scale, -1, 1))
            slope = (np.pi - angle) / (2 * np.pi)
            k[t + 1, r + 1] = scale * np.sin(angle) / (2 * np.pi) + slope * field
            tangent[t + 1, r + 1] = slope * (field + W**2 * tangent[t, r])
    return k[1:, 1:], tangent[1:, 1:]


def variances(x):
    found, before = [], 0
    for inputs in x:
        found.append(W**2 * before / 2 + U**2 * np.mean(inputs**2) + B**2)
        before = found[-1]
    return found


LAYER = RNN(8, Relu(), W, U, B)
states = jax.jit(LAYER.propagate)


@jax.jit
def inputs(x, y):
    """All pairs, with no error: one program serves several tests."""
    return Covariance.of_inputs(x, y, pairs=True).replace(bound=Bound(*jnp.zeros(4)))


def test_all_pairs_of_times_follow_the_recursion(double, x):
    y = np.concatenate([x[:1], x[1:] + 0.3])
    before = inputs(x, y)
    state = states(before)
    expected = np.array([[rectified(a, b) for b in y] for a in x])
    np.testing.assert_allclose(state.nngp, expected[:, :, 0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(state.ntk, expected[:, :, 1], rtol=1e-12, atol=1e-12)
    for part, of in zip(state.within, (x, y), strict=True):
        own = [rectified(a, a)[0] for a in of]
        np.testing.assert_allclose(part.nngp, own, rtol=1e-12, atol=1e-12)
    same = np.diagonal(state.delta, axis1=2, axis2=3)
    assert np.all(same[0, 0] == 0)
    assert np.all(same[1, 1] > 0)
    assert np.max(state.bound.c) < 1e-14
    equal = states(equal_positions(before).replace(bound=None))
    for found, whole in ((equal.delta, state.delta), (equal.ntk, state.ntk)):
        diagonal = np.diagonal(whole, axis1=2, axis2=3)
        np.testing.assert_allclose(found, diagonal, rtol=1e-13, atol=1e-13)


def test_errors_of_what_is_in_front_are_bounded(double, x):
    """Variances off by e of their size, correlations by e, the tangent kernel by e of the scale."""
    e = 1e-4

    def off(part, side1, side2):
        delta = part.delta + np.where(part.delta > 0.1, -e, 0)
        q1, q2 = (1 + side1 * e) * part.q1, (1 + side2 * e) * part.q2
        ntk = None if part.ntk is None else part.ntk + e * part.scale
        return part.replace(q1=q1, q2=q2, delta=delta, ntk=ntk)

    before = inputs(x, x + 0.3)
    first, second = before.within
    within = off(first, 1, 1), off(second, -1, -1)
    wrong = off(before, 1, -1).replace(within=within, bound=Bound(*jnp.array([e, e, e, e])))
    exact, found = states(before), states(wrong)
    assert found.within[0].bound is None
    assert e < found.bound.k < 100 * e
    for name, bound in (("nngp", found.bound.k), ("ntk", found.bound.ntk)):
        error = np.max(np.abs(getattr(found, name) - getattr(exact, name)) / exact.scale)
        assert e / 4 < error < bound


@pytest.mark.parametrize("pairs", [False, True])
def test_series_have_a_bound(double, x, pairs):
    before = jax.eval_shape(lambda: Covariance.of_inputs(x, x, pairs=pairs))
    assert jax.eval_shape(RNN(8, Tanh()).propagate, before).bound is not None
    assert jax.eval_shape(LAYER.propagate, before).bound is None


def test_of_one_time_it_is_a_dense_layer_with_an_activation(double, x):
    """Frozen, it adds nothing to the tangent kernel."""
    front = x[:, :1]

    @jax.jit
    def three():
        layer, before = RNN(8, Erf(), W, U, B), Covariance.of_inputs(front, front)
        others = Serial(Dense(8, U, B), Erf()), Frozen(layer)
        return [net.propagate(before) for net in (layer, *others)]

    state, dense, frozen = three()
    np.testing.assert_allclose(state.nngp, dense.nngp, rtol=1e-14)
    np.testing.assert_allclose(state.ntk, dense.ntk, rtol=1e-14)
    assert (state.gaussian, state.channels) == (dense.gaussian, dense.channels) == (False, 8)
    assert np.all(frozen.ntk == 0)


def test_gradients_at_zero_and_identical_inputs_are_finite(double, x):
    points = jnp.asarray(np.concatenate([x[:1], x[:1], np.zeros((1, 4, 2)), -x[:1]]))
    net = Serial(RNN(8, Relu(), W, U), Index(-1), Dense(1))

    @jax.jit
    @jax.grad
    def slopes(arguments):
        k = kernels.function(net)(*arguments)
        return jnp.sum(k.nngp) + jnp.sum(k.ntk)

    assert all(np.all(np.isfinite(g)) for g in jax.tree.leaves(slopes((net.hyper, points))))


@jax.jit
def drawn(layer, x):
    params = layer.init(KEY, x.shape[1:])
    return params, layer.apply(params, x)


def test_the_finite_network_is_a_loop_over_times(double, x):
    layer = RNN(5, Erf(), W, U, B)
    params, found = jax.tree.map(np.asarray, drawn(layer, x))
    weights, inputs = params["recurrent"]["w"], params["inputs"]
    state, expected = np.zeros((3, 5)), []
    for t in range(4):
        field = W / 5**0.5 * state @ weights + U / 2**0.5 * x[:, t] @ inputs["w"] + B * inputs["b"]
        state = special.erf(field)
        expected.append(state)
    np.testing.assert_allclose(found, np.stack(expected, axis=1), rtol=1e-12)


def test_gates_choose_between_the_old_and_the_new_state(double, x):
    layer = GRU(5, W, U, B)
    params, found = jax.tree.map(np.asarray, drawn(layer, x))
    driven = U / 2**0.5 * x @ params["inputs"]["w"] + B * params["inputs"]["b"]
    state, expected = np.zeros((3, 5)), []
    for t in range(4):
        gates = W / 5**0.5 * state @ params["gates"]["w"] + driven[:, t, :10]
        update, reset = 1 / (1 + np.exp(-gates[:, :5])), 1 / (1 + np.exp(-gates[:, 5:]))
        own = W / 5**0.5 * (reset * state) @ params["candidates"]["w"] + driven[:, t, 10:]
        state = update * state + (1 - update) * np.tanh(own)
        expected.append(state)
    np.testing.assert_allclose(found, np.stack(expected, axis=1), rtol=1e-12)


def test_gates_have_no_kernel(x):
    with pytest.raises(ValueError, match=r"no kernel in closed form.*sample_ntk\(net, key"):
        kernels.compute(Serial(GRU(6), Index(-1), Dense(1)), x)


def test_hyper_parameters_go_out_and_back():
    layer = RNN(4, Erf(a=2.0), W)
    assert layer.hyper == {
        "activation": {"a": 2.0, "b": 1.0, "c": 0.0}, "w_std": W, "u_std": 1.0, "b_std": None,
    }  # fmt: skip
    assert layer.replace_hyper(layer.hyper) == layer
    with pytest.raises(ValueError, match="replace_hyper got"):
        layer.replace_hyper({"w_std": 2.0})


def test_what_does_not_fit_is_refused(x):
    with pytest.raises(ValueError, match="expected a layer such as Erf"):
        RNN(4, Relu)
    with pytest.raises(ValueError, match="expected ntk or standard"):
        RNN(4, Relu(), parameterization="mup")
    with pytest.raises(ValueError, match="field over 0 axes of positions, expected sequences"):
        kernels.compute(Serial(RNN(4, Relu()), Dense(1)), x[:, 0])
    for layer in (RNN(4, Relu()), GRU(4)):
        with pytest.raises(ValueError, match="field over 2 axes of positions"):
            layer.apply({}, jnp.ones((2, 3, 3, 1)))
