import jax
import jax.numpy as jnp
import numpy as np

from widelimit import kernels
from widelimit.networks import mlp


def test_function_equals_compute(double, rng):
    net, x = mlp("erf", 3, w_std=1.5, b_std=0.1), rng.standard_normal((6, 4))
    pure = kernels.function(net)(net.hyper, jnp.asarray(x))
    driven = kernels.compute(net, x)
    np.testing.assert_allclose(pure.ntk, driven.ntk, rtol=1e-13)
    np.testing.assert_allclose(pure.nngp, driven.nngp, rtol=1e-13)


def test_the_gradient_in_the_hyper_parameters_is_right(double, rng):
    net, x = mlp("gelu", 3, w_std=1.5, b_std=0.2), jnp.asarray(rng.standard_normal((3, 4)))

    def total(hyper):
        return jnp.sum(kernels.function(net)(hyper, x).ntk)

    gradient = jax.grad(total)(net.hyper)
    for layer, name in ((0, "w_std"), (2, "b_std"), (4, "w_std")):
        step = 1e-6
        values = []
        for sign in (1, -1):
            hyper = [dict(h) for h in net.hyper]
            hyper[layer][name] += sign * step
            values.append(total(tuple(hyper)))
        difference = (values[0] - values[1]) / (2 * step)
        np.testing.assert_allclose(gradient[layer][name], difference, rtol=1e-7)


def test_it_can_be_mapped_over_inputs(double, rng):
    net = mlp("relu", 2, w_std=1.4)
    x = jnp.asarray(rng.standard_normal((4, 3, 5)))
    k = kernels.function(net)
    mapped = jax.jit(jax.vmap(lambda x: k(net.hyper, x).ntk))(x)
    np.testing.assert_allclose(mapped[2], k(net.hyper, x[2]).ntk, rtol=1e-13)


def test_widths_do_not_matter(double, rng):
    x = jnp.asarray(rng.standard_normal((3, 5)))
    narrow, wide = (mlp("sin", 3, width=w, w_std=1.2) for w in (2, 200))
    a, b = (kernels.function(net)(net.hyper, x).ntk for net in (narrow, wide))
    assert jnp.array_equal(a, b)
