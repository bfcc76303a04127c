"""The structured kernel against the product of full Jacobians."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit import tangents
from widelimit.networks import BatchNormRelu, Dense, Serial, mlp
from widelimit.networks.mlp import ACTIVATIONS


def by_jacobian(f, params, x1, x2):
    """⟨∂f_o(x1), ∂f_p(x2)⟩, shape (n1, n2, o, o), the slow and plain way."""

    def rows(x):
        jacobian = jax.jacrev(f)(params, x)
        leaves = jax.tree.leaves(jax.tree.map(lambda j: j.reshape(*j.shape[:2], -1), jacobian))
        return jnp.concatenate(leaves, axis=-1)

    return jnp.einsum("sop,tqp->stoq", rows(x1), rows(x2))


def check(f, params, x1, x2):
    expected = by_jacobian(f, params, x1, x2)
    full = tangents.ntk(f, params, x1, x2, outputs="full")
    np.testing.assert_allclose(full, expected, rtol=1e-11, atol=1e-12)
    trace = jnp.trace(expected, axis1=2, axis2=3) / expected.shape[2]
    np.testing.assert_allclose(tangents.ntk(f, params, x1, x2), trace, rtol=1e-11, atol=1e-12)


def test_a_network_that_couples_its_samples(double):
    """The Jacobian of the whole batch is what tells; one sample after the other has no variance."""
    net = Serial(Dense(6, 1.2, 0.3), BatchNormRelu(), Dense(2, b_std=0.1))
    params = net.init(jax.random.key(0), (4,))
    x = jax.random.normal(jax.random.key(1), (5, 4))
    found = jax.jit(lambda params: tangents.ntk(net, params, x, outputs="full"))(params)
    expected = jax.jit(lambda params: by_jacobian(net.apply, params, x, x))(params)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_perceptrons(double, activation):
    net = mlp(activation, 3, width=6, outputs=2, w_std=1.2, b_std=0.3)
    params = net.init(jax.random.key(0), (4,))
    x = jax.random.normal(jax.random.key(1), (5, 4))
    check(net.apply, params, x[:3], x[2:])
    full = tangents.ntk(net, params, x, outputs="full")
    np.testing.assert_allclose(full, by_jacobian(net.apply, params, x, x), rtol=1e-11, atol=1e-12)


def test_a_convolution(double):
    def f(params, x):
        dims = ("NHWC", "HWIO", "NHWC")
        z = jax.lax.conv_general_dilated(x, params["k"], (1, 1), "SAME", dimension_numbers=dims)
        return jnp.tanh(z).mean((1, 2)) @ params["w"]

    keys = jax.random.split(jax.random.key(0), 3)
    params = {
        "k": jax.random.normal(keys[0], (3, 3, 2, 4)),
        "w": jax.random.normal(keys[1], (4, 2)),
    }
    x = jax.random.normal(keys[2], (3, 5, 5, 2))
    check(f, params, x, x[:2])


def test_a_shared_weight(double):
    def f(params, x):
        for _ in range(3):
            x = jnp.tanh(x @ params["w"])
        return x @ params["w"][:, :1]

    params = {"w": jax.random.normal(jax.random.key(0), (4, 4))}
    x = jax.random.normal(jax.random.key(1), (3, 4))
    check(f, params, x, x)


def test_a_residual_branch_and_a_reparameterised_weight(double):
    def f(params, x):
        w = jnp.exp(params["v"]) * params["scale"]
        return jnp.sin(x @ w) + x @ params["skip"]

    keys = jax.random.split(jax.random.key(0), 3)
    params = {
        "v": 0.1 * jax.random.normal(keys[0], (4, 2)),
        "skip": jax.random.normal(keys[1], (4, 2)),
        "scale": jnp.array(0.7),
    }
    x = jax.random.normal(keys[2], (3, 4))
    check(f, params, x, x)


def test_nested_functions_are_followed(double):
    @jax.jit
    def dense(w, x):
        return jax.nn.gelu(x @ w)

    def f(params, x):
        return jax.checkpoint(dense)(params[1], dense(params[0], x))

    keys = jax.random.split(jax.random.key(0), 3)
    params = [jax.random.normal(keys[0], (4, 5)), jax.random.normal(keys[1], (5, 2))]
    x = jax.random.normal(keys[2], (3, 4))
    check(f, params, x, x)


def test_weights_inside_a_loop(double):
    """One that also counts, and whose weights enter again behind it."""
    keys = jax.random.split(jax.random.key(0), 3)
    params = {"w": jax.random.normal(keys[0], (4, 4)), "b": jax.random.normal(keys[1], (4,))}
    x = jax.random.normal(keys[2], (3, 4))

    def f(params, x):
        def step(carry, scale):
            count, x = carry
            x = jnp.tanh(scale * x @ params["w"] + count * params["b"])
            return (count + 1, x), x

        (_, last), states = jax.lax.scan(step, (0, x), jnp.arange(1.0, 4.0))
        return last + states.mean(0) @ params["w"]

    @jax.jit
    def both():
        return tangents.ntk(f, params, x, outputs="full"), by_jacobian(f, params, x, x)

    np.testing.assert_allclose(*both(), rtol=1e-11, atol=1e-12)


def test_functions_with_scalar_outputs(double):
    def f(params, x):
        return jnp.tanh(x @ params)

    params, x = jnp.arange(1.0, 4.0), jnp.ones((2, 3)) * jnp.array([[0.1], [0.2]])
    expected = jnp.einsum("sp,tp->st", *[jax.jacrev(f)(params, x)] * 2)
    np.testing.assert_allclose(tangents.ntk(f, params, x), expected, rtol=1e-12)


def test_it_can_be_compiled_and_mapped_over_parameters(double):
    net = mlp("relu", 2, width=5)
    keys = jax.random.split(jax.random.key(0), 3)
    many = jax.vmap(lambda k: net.init(k, (4,)))(keys)
    x = jax.random.normal(jax.random.key(1), (3, 4))
    mapped = jax.jit(jax.vmap(lambda p: tangents.ntk(net, p, x)))(many)
    one = tangents.ntk(net, net.init(keys[1], (4,)), x)
    np.testing.assert_allclose(mapped[1], one, rtol=1e-12)


def test_bad_requests_are_refused():
    net = mlp("relu", 2, width=5)
    params, x = net.init(jax.random.key(0), (4,)), jnp.ones((2, 4))
    with pytest.raises(ValueError, match="expected 'trace' or 'full'"):
        tangents.ntk(net, params, x, outputs="diagonal")
    with pytest.raises(ValueError, match="does not depend on its input"):
        tangents.ntk(lambda p, x: p.sum() * jnp.ones((len(x), 1)), jnp.ones(3), x)
