import jax
import jax.numpy as jnp
import numpy as np

from widelimit.dynamics import KernelFlow, network_flow
from widelimit.networks import mlp


def test_a_linear_model_follows_its_closed_form(double, rng):
    x, y = jnp.asarray(rng.standard_normal((4, 6))), jnp.asarray(rng.standard_normal((4, 1)))
    params = {"w": jnp.asarray(rng.standard_normal((6, 1)))}
    times = [0.3, 1.0, 2.0]
    seen = network_flow(lambda p, x: x @ p["w"], params, x, y, times, tolerance=1e-10)
    flow = KernelFlow(x @ x.T, y).predict(np.array(times), start=np.asarray(x @ params["w"]))
    np.testing.assert_allclose(seen.outputs, flow.train, atol=1e-7)
    np.testing.assert_allclose(seen.kernel[0], x @ x.T, rtol=1e-10)


def test_small_gradient_steps_arrive_at_the_same_place(double, rng):
    net = mlp("erf", 2, width=6)
    params = net.init(jax.random.key(0), (3,))
    x, y = jnp.asarray(rng.standard_normal((4, 3))), jnp.asarray(rng.standard_normal((4, 1)))
    seen = network_flow(net.apply, params, x, y, [0.5], tolerance=1e-9)
    loss = lambda p: 0.5 * jnp.sum((net.apply(p, x) - y) ** 2)  # noqa: E731
    steps = 5000
    move = lambda p, _: (jax.tree.map(lambda a, g: a - 0.5 / steps * g, p, jax.grad(loss)(p)), 0)  # noqa: E731
    end, _ = jax.lax.scan(move, params, None, length=steps)
    np.testing.assert_allclose(seen.outputs[0], net.apply(end, x), atol=2e-4)


def test_the_rate_scales_time(double, rng):
    net = mlp("erf", 2, width=6)
    params = net.init(jax.random.key(0), (3,))
    x, y = jnp.asarray(rng.standard_normal((4, 3))), jnp.asarray(rng.standard_normal((4, 1)))
    slow = network_flow(net.apply, params, x, y, [1.0], tolerance=1e-9)
    fast = network_flow(net.apply, params, x, y, [0.5], rate=2.0, tolerance=1e-9)
    np.testing.assert_allclose(slow.outputs, fast.outputs, atol=1e-7)
    np.testing.assert_allclose(2 * slow.kernel, fast.kernel, rtol=1e-6)
