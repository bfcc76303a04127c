import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.studies.meanfield.chaos import output_errors, wasserstein
from widelimit.studies.meanfield.lq_game import Game, simulate, solve_numerically
from widelimit.studies.meanfield.particles import draw, energy_balance, evolve, product_task
from widelimit.studies.meanfield.study import game_study, particle_study


def test_energy_falls_by_the_dissipation(double):
    start = draw(jax.random.key(0), 64, 3)
    flow = evolve(start, product_task(8, 3), step=0.01, steps=100)
    assert (jnp.diff(flow.energy) < 0).all()
    assert energy_balance(flow, 0.01).max() < 1e-3


def test_each_particle_follows_the_first_variation(double):
    """N ∂E/∂θ_j = ∇Ψ(θ_j), with the first variation written out."""
    task, start = product_task(8, 3), draw(jax.random.key(0), 16, 3)
    step = 1e-7
    moved = evolve(start, task, step=step, steps=1).particles
    f = jnp.mean(start[:, 0] * jnp.tanh(task.x @ start[:, 1:-1].T + start[:, -1]), axis=1)

    def variation(theta):
        return jnp.mean((f - task.y) * theta[0] * jnp.tanh(task.x @ theta[1:-1] + theta[-1]))

    np.testing.assert_allclose(
        (moved - start) / step, -jax.vmap(jax.grad(variation))(start), atol=1e-6
    )


def test_records_are_taken_as_asked(double):
    flow = evolve(
        draw(jax.random.key(0), 8, 3), product_task(4, 3), step=0.1, steps=12, record_every=3
    )
    assert flow.energy.shape == (5,)


def test_more_particles_are_closer_to_the_limit():
    errors = output_errors(0, [16, 256], reference=4096, repetitions=8, step=0.1, steps=20)
    assert errors.outputs.shape == (2, 8)
    assert errors.outputs[1].mean() < 0.5 * errors.outputs[0].mean()
    assert errors.coupled[1].mean() < 0.5 * errors.coupled[0].mean()


def test_clouds_must_be_independent():
    with pytest.raises(ValueError, match="expected at least repetitions × sum of sizes = 2048"):
        output_errors(0, [256], reference=1000, repetitions=8, step=0.1, steps=20)


def test_transport_distances_have_a_baseline_of_their_own_law():
    (found,) = wasserstein(0, [32], reference=128, repetitions=3, step=0.1, steps=10)
    assert found.evolved.shape == found.baseline.shape == (3,)
    assert 0.5 < found.evolved.mean() / found.baseline.mean() < 2


def test_the_game_solved_two_ways():
    t = np.linspace(0, 1, 11)
    exact, numeric = Game().equilibrium(t), solve_numerically(Game(), t)
    for name in ("P", "Pi", "m", "v"):
        np.testing.assert_allclose(getattr(exact, name), getattr(numeric, name), rtol=1e-8)


def test_agents_follow_the_closed_form(rng):
    t, mean, variance = simulate(Game(), rng, agents=40_000, steps=200)
    exact = Game().equilibrium(t)
    np.testing.assert_allclose(mean, exact.m, atol=0.01)
    np.testing.assert_allclose(variance, exact.v, rtol=0.05)


def test_studies_are_labelled():
    particles = particle_study(
        0, sizes=[16, 32], repetitions=3, transport_sizes=[16], transport_repetitions=2
    )
    for found in (particles, game_study(0, agents=200)):
        for variable in found.variables.values():
            assert {"long_name", "units"} <= set(variable.attrs)


def test_the_mean_of_agents_spreads_as_the_closed_form_says(rng):
    means = np.array([simulate(Game(), rng, agents=50, steps=100)[1] for _ in range(600)])
    t = np.linspace(0, 1, 101)
    np.testing.assert_allclose(50 * means.var(axis=0), Game().fluctuation(t), rtol=0.25)
