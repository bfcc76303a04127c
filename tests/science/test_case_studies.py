"""The bridges to elasticity, codes and games, against exact values."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq

from widelimit.studies.decoder import five_qubit as code
from widelimit.studies.meanfield.lq_game import Game
from widelimit.studies.pinn.problems import BAR, PLANE


@pytest.mark.reference("mfg/")
def test_the_linear_quadratic_game(reference):
    found = Game().equilibrium(np.array([reference["inputs"]["t"]]))
    name = reference["id"].split("/")[1].split("(")[0]
    assert getattr(found, name)[0] == pytest.approx(reference["value"], rel=1e-12)


@pytest.mark.reference("pinn/elastic2d/f(")
def test_the_body_force_of_the_plane_problem(double, reference):
    x = jnp.array([reference["inputs"]["x"], reference["inputs"]["y"]])
    np.testing.assert_allclose(PLANE.force(x), reference["value"], rtol=1e-12)


def test_residual_floors(references):
    assert BAR.force_norm() == pytest.approx(references["pinn/bar1d/f_L2sq"], rel=1e-6)
    assert PLANE.force_norm() == pytest.approx(references["pinn/elastic2d/f_L2sq"], rel=1e-6)


def test_the_residual_and_the_energy_of_known_fields(double, references):
    points, weights = map(jnp.asarray, BAR.interior(40))

    def perturbed(x):
        return jnp.sin(jnp.pi * x) + 0.1 * jnp.sin(2 * jnp.pi * x)

    residual = jax.vmap(lambda x: BAR.residual(perturbed, x))(points)
    expected = references["pinn/bar1d/perturbed_residual_L2sq"]
    assert float(weights @ jnp.sum(residual**2, 1)) == pytest.approx(expected, rel=1e-9)
    slope = jax.vmap(jax.jacfwd(BAR.exact))(points)[:, 0, 0]
    work = jax.vmap(lambda x: (BAR.force(x) * BAR.exact(x))[0])(points)
    energy = float(weights @ (slope**2 / 2 - work))
    assert energy == pytest.approx(references["pinn/bar1d/energy"], rel=1e-9)


def test_the_five_qubit_decoders(references):
    lookup = code.lookup_table()
    fails = references["code513/lookup/fail_weight_counts"]
    assert code.weight_counts(lookup).tolist() == fails
    for p in (0.05, 0.3, 0.9):
        found = code.logical_error_rate(lookup, code.channel(*[p / 3] * 3))
        assert found == pytest.approx(references[f"code513/lookup/pL_p{p}"], rel=1e-12)
    for p in (0.1, 0.3, 0.75, 0.9):
        errors = code.channel(*[p / 3] * 3)
        found = code.logical_error_rate(code.most_likely_table(errors), errors)
        assert found == pytest.approx(references[f"code513/ml/pL_p{p}"], rel=1e-12)


@pytest.mark.reference("code513/Xonly", "code513/biased")
def test_under_biased_noise_maximum_likelihood_beats_lookup(reference):
    errors = code.channel(*reference["params"]["px,py,pz"])
    tables = code.lookup_table(), code.most_likely_table(errors)
    found = [code.logical_error_rate(table, errors) for table in tables]
    np.testing.assert_allclose(found, reference["value"], rtol=1e-12)


def test_the_pseudo_threshold():
    """p_L(p) = p at 0.1376275643."""
    found = brentq(lambda p: float(code.lookup_polynomial(p)) - p, 0.05, 0.3)
    assert found == pytest.approx(0.1376275643, abs=1e-10)
