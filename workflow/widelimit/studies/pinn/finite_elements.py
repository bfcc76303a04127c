"""The engineer's yardstick: the same problems by finite elements (scikit-fem)."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from skfem import (
    Basis,
    BilinearForm,
    ElementLineP1,
    ElementLineP2,
    ElementTriP1,
    ElementTriP2,
    ElementVector,
    LinearForm,
    MeshLine,
    MeshTri,
    condense,
    solve,
)
from skfem.helpers import ddot, dot, eye, grad, sym_grad, trace

from widelimit.precision import precision
from widelimit.studies.pinn.problems import LAME, Problem

__all__ = ["FemResult", "solve_by_elements"]


class FemResult(NamedTuple):
    """Degrees of freedom and relative L² error of one finite-element solution."""

    unknowns: int
    error: float


def solve_by_elements(problem: Problem, cells: int, order: int) -> FemResult:
    """Solve with Lagrange elements of ``order`` 1 or 2 on a uniform mesh of ``cells`` per side."""
    if problem.dimension == 1:
        mesh = MeshLine(np.linspace(0, 1, cells + 1))
        element = {1: ElementLineP1(), 2: ElementLineP2()}[order]
    else:
        line = np.linspace(0, 1, cells + 1)
        mesh = MeshTri.init_tensor(line, line)
        element = ElementVector({1: ElementTriP1(), 2: ElementTriP2()}[order])
    basis = Basis(mesh, element, intorder=8)
    coordinates = np.asarray(basis.global_coordinates())
    stiffness = _bar_form.assemble(basis) if problem.dimension == 1 else _plane_form.assemble(basis)
    load = LinearForm(lambda v, w: _dot(w["f"], v, problem)).assemble(
        basis, f=_at(problem.force, coordinates)
    )
    fixed = basis.get_dofs()
    # Both exact solutions vanish on the boundary.
    u = solve(*condense(stiffness, load, D=fixed))
    exact = _at(problem.exact, coordinates)
    found = np.asarray(basis.interpolate(u)).reshape(exact.shape)
    square = np.sum((found - exact) ** 2, axis=0), np.sum(exact**2, axis=0)
    error, norm = (float(np.sum(part * basis.dx)) for part in square)
    return FemResult(len(u) - len(fixed.flatten()), (error / norm) ** 0.5)


@BilinearForm
def _bar_form(u, v, _w):
    return dot(grad(u), grad(v))


@BilinearForm
def _plane_form(u, v, _w):
    lam, mu = LAME
    strain = sym_grad(u)
    stress = 2 * mu * strain + lam * eye(trace(strain), 2)
    return ddot(stress, sym_grad(v))


def _dot(f, v, problem: Problem):
    return f[0] * v if problem.dimension == 1 else dot(f, v)


def _at(field, coordinates: np.ndarray) -> np.ndarray:
    """A field at quadrature points (d, elements, points) as (components, elements, points)."""
    d = coordinates.shape[0]
    with precision("float64"):
        values = jax.jit(jax.vmap(field))(jnp.asarray(coordinates.reshape(d, -1).T))
    return np.asarray(values).T.reshape(-1, *coordinates.shape[1:])
