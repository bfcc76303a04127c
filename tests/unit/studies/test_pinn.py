import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.studies.pinn.finite_elements import solve_by_elements
from widelimit.studies.pinn.problems import PROBLEMS
from widelimit.studies.pinn.study import elements_study, pinn_study
from widelimit.studies.pinn.training import interior_residual, network

OPTIONS = {
    "seed": 0, "networks": 2, "width": 8, "steps": 40, "learning_rate": 0.01, "order": 4,
    "boundary_weight": 100.0,
}  # fmt: skip


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_the_exact_field_solves_the_problem(double, problem):
    points, _ = problem.interior(5)
    residual = jax.vmap(lambda x: problem.residual(problem.exact, x))(jnp.asarray(points))
    np.testing.assert_allclose(residual, 0, atol=1e-12)
    edge = jax.vmap(problem.exact)(jnp.asarray(problem.boundary(8)))
    np.testing.assert_allclose(edge, 0, atol=1e-12)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_the_quadrature_integrates_over_the_unit_cube(problem):
    points, weights = problem.interior(6)
    assert weights.sum() == pytest.approx(1)
    assert weights @ np.prod(points**2, axis=1) == pytest.approx(3.0**-problem.dimension)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_a_relu_network_has_the_residual_of_the_bare_force(double, problem):
    net = network(problem, "relu", 8)
    params = net.init(jax.random.key(0), (problem.dimension,))
    points, weights = map(jnp.asarray, problem.interior(20))
    found = interior_residual(problem, net, params, points, weights)
    assert float(found) == pytest.approx(problem.force_norm(), rel=1e-9)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_finite_elements_converge_at_their_order(problem, order):
    """The L² error of Lagrange elements falls like h^(order + 1)."""
    coarse, fine = (solve_by_elements(problem, cells, order).error for cells in (4, 8))
    assert np.log2(coarse / fine) == pytest.approx(order + 1, abs=0.3)


def test_training_reduces_the_residual():
    found = pinn_study("bar", "tanh", **OPTIONS | {"steps": 400, "order": 8})
    assert (found.residual < 0.5 * found.residual_start).all()
    assert found.loss.sizes == {"step": 20, "network": 2}


def test_studies_are_labelled():
    for found in (pinn_study("plane", "gelu", **OPTIONS), elements_study("bar", [4, 8])):
        for variable in found.variables.values():
            assert {"long_name", "units"} <= set(variable.attrs)
