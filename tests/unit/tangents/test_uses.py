import jax
import jax.numpy as jnp

from widelimit.networks import mlp
from widelimit.tangents.uses import trace


def largest_intermediate(f, *arguments):
    """Number of entries of the largest array that a function's compiled form makes inside."""
    sizes = []

    def visit(jaxpr):
        for equation in jaxpr.eqns:
            sizes.extend(v.aval.size for v in equation.outvars if hasattr(v.aval, "size"))
            for value in equation.params.values():
                inner = getattr(value, "jaxpr", value)
                if hasattr(inner, "eqns"):
                    visit(inner)

    visit(jax.make_jaxpr(f)(*arguments).jaxpr)
    return max(sizes)


def test_weights_of_a_perceptron_enter_as_outer_products_and_biases_do_not():
    net = mlp("relu", 3, width=6, b_std=0.1)
    params = net.init(jax.random.key(0), (4,))
    traced = trace(lambda p, x: jnp.ravel(net.apply(p, x[None])), params, jnp.ones(4))
    leaves = jax.tree.leaves(params)
    outer = {use.outer_leaf for use in traced.uses} - {None}
    assert {leaves[i].ndim for i in outer} == {2}
    assert len(outer) == 3


def test_a_leaf_used_bare_and_not_bare_is_handled_in_one_way():
    def f(w, x):
        return jnp.ravel(x @ w + jnp.sin(w).sum(0) * x[0])

    traced = trace(f, jnp.ones((3, 2)), jnp.ones(3))
    assert {use.outer_leaf for use in traced.uses} == {None}


def test_no_array_of_parameters_times_samples_is_ever_made():
    """The kernel of n samples and o outputs needs no Jacobian: nothing of size n × parameters."""
    from widelimit.tangents import ntk

    width, samples, outputs = 300, 7, 3
    net = mlp("erf", 3, width=width, outputs=outputs)
    params = net.init(jax.random.key(0), (5,))
    x = jnp.ones((samples, 5))
    largest = largest_intermediate(lambda p, x: ntk(net, p, x), params, x)
    assert largest <= width * width  # a weight matrix itself; a Jacobian has 21 times as many
