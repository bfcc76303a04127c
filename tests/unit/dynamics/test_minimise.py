import jax
import jax.numpy as jnp
import numpy as np

from widelimit.dynamics import minimise


def test_several_problems_are_minimised_side_by_side(double):
    targets = jnp.array([[1.0, -2.0], [3.0, 0.5]])
    end = minimise(
        lambda p, key, target: jnp.sum((p - target) ** 2),
        jnp.zeros((2, 2)),
        jax.random.split(jax.random.key(0), 2),
        targets,
        steps=800,
        learning_rate=0.1,
    )
    np.testing.assert_allclose(end.params, targets, atol=1e-4)
    assert end.loss.shape == (20, 2)
    assert (end.loss[-1] < end.loss[0]).all()


def test_the_number_of_steps_is_the_one_asked_for(double):
    """With a gradient of one and a rate that hardly decays, Adam moves by the rate in each step."""
    for steps in (3, 20, 59):
        end = minimise(
            lambda p, key, _: p,
            jnp.zeros(1),
            jax.random.split(jax.random.key(0), 1),
            steps=steps,
            learning_rate=1.0,
        )
        schedule = 0.5 * (1 + np.cos(np.pi * np.arange(steps) / steps))
        np.testing.assert_allclose(-end.params[0], schedule.sum(), rtol=1e-6)
        assert end.steps[-1] == steps
        assert len(end.steps) == len(end.loss) == min(20, steps)


def test_keys_draw_the_noise_of_each_step(double):
    first, again = (noisy() for _ in range(2))
    assert jnp.array_equal(first.params, again.params)
    assert first.params[0] != first.params[1]


def test_steps_are_the_same_in_programs_of_their_own(double):
    together, alone = noisy(), noisy(loops=False)
    np.testing.assert_allclose(alone.params, together.params, rtol=1e-12)
    np.testing.assert_allclose(alone.loss, together.loss, rtol=1e-12)
    assert np.array_equal(alone.steps, together.steps)


def noisy(**options):
    keys = jax.random.split(jax.random.key(0), 2)
    return minimise(
        lambda p, key, _: p * jax.random.normal(key),
        jnp.zeros(2), keys, steps=30, learning_rate=0.1, blocks=4, **options,
    )  # fmt: skip
