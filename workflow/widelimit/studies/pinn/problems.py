r"""Boundary value problems of elasticity with a known exact solution.

Each is of the form :math:`A u = f` in the unit interval or square with the exact displacement given on
the boundary, where :math:`A` is a second-order operator: it needs second derivatives of the network.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["BAR", "PLANE", "PROBLEMS", "Problem"]

Field = Callable[[jax.Array], jax.Array]


@dataclasses.dataclass(frozen=True)
class Problem:
    """A manufactured problem on the unit cube in ``dimension`` dimensions.

    Attributes:
        name: a word for files and figures.
        dimension: 1 or 2, also the number of displacement components.
        exact: the exact displacement at one point, (dimension,) -> (dimension,).
        force: the body force that belongs to it, (dimension,) -> (dimension,).
        operator: from the Hessians of the displacement components, (o, d, d), to A u, (o,).
    """

    name: str
    dimension: int
    exact: Field
    force: Field
    operator: Field

    def residual(self, u: Field, x: jax.Array) -> jax.Array:
        """A u - f at one point, for a displacement field ``u``, by automatic differentiation."""
        return self.operator(jax.jacfwd(jax.jacfwd(u))(x)) - self.force(x)

    def interior(self, order: int) -> tuple[np.ndarray, np.ndarray]:
        """Gauss-Legendre points, (m, dimension), and weights that sum to one, (m,)."""
        node, weight = np.polynomial.legendre.leggauss(order)
        axes = np.meshgrid(*[(node + 1) / 2] * self.dimension, indexing="ij")
        weights = np.meshgrid(*[weight / 2] * self.dimension, indexing="ij")
        points = np.stack([axis.ravel() for axis in axes], axis=1)
        return points, np.prod([w.ravel() for w in weights], axis=0)

    def boundary(self, per_side: int) -> np.ndarray:
        """Points on the boundary, (m, dimension)."""
        if self.dimension == 1:
            return np.array([[0.0], [1.0]])
        t = np.linspace(0, 1, per_side, endpoint=False)
        zero, one = np.zeros_like(t), np.ones_like(t)
        sides = [(t, zero), (one, t), (1 - t, one), (zero, 1 - t)]
        return np.concatenate([np.stack(side, axis=1) for side in sides])

    def force_norm(self, order: int = 40) -> float:
        r""":math:`\int |f|^2`: the residual of any field whose second derivatives vanish."""
        points, weights = self.interior(order)
        force = np.asarray(jax.jit(jax.vmap(self.force))(jnp.asarray(points)))
        return float(weights @ np.sum(force**2, axis=1))


def _bar_exact(x: jax.Array) -> jax.Array:
    return jnp.sin(jnp.pi * x)


BAR = Problem(
    name="bar",
    dimension=1,
    exact=_bar_exact,
    force=lambda x: jnp.pi**2 * _bar_exact(x),
    operator=lambda hessian: -hessian[:, 0, 0],
)
r"""A bar of unit stiffness: :math:`-u'' = \pi^2 \sin \pi x`, clamped; :math:`u = \sin \pi x`."""

LAME = (1.2, 0.8)
r"""Lamé's constants :math:`\lambda, \mu` of the plane problem, in units of the stiffness scale."""


def _plane_exact(x: jax.Array) -> jax.Array:
    bump = x * (1 - x)
    return jnp.stack([jnp.prod(jnp.sin(jnp.pi * x)), jnp.prod(bump)])


def _plane_force(x: jax.Array) -> jax.Array:
    lam, mu = LAME
    sines, cosines = jnp.prod(jnp.sin(jnp.pi * x)), jnp.prod(jnp.cos(jnp.pi * x))
    bump, slope = x * (1 - x), 1 - 2 * x
    grad_div = jnp.stack(
        [-(jnp.pi**2) * sines + jnp.prod(slope), jnp.pi**2 * cosines - 2 * bump[0]]
    )
    laplacian = jnp.stack([-2 * jnp.pi**2 * sines, -2 * jnp.sum(bump)])
    return -((lam + mu) * grad_div + mu * laplacian)


def _plane_operator(hessian: jax.Array) -> jax.Array:
    lam, mu = LAME
    grad_div = jnp.einsum("iij->j", hessian)
    laplacian = jnp.einsum("ijj->i", hessian)
    return -((lam + mu) * grad_div + mu * laplacian)


PLANE = Problem(
    name="plane",
    dimension=2,
    exact=_plane_exact,
    force=_plane_force,
    operator=_plane_operator,
)
r"""Plane strain: :math:`-[(\lambda+\mu) \nabla \mathrm{div}\, u + \mu \Delta u] = f` with
:math:`u = (\sin \pi x \sin \pi y,\; x(1-x)\, y(1-y))`."""

PROBLEMS = {problem.name: problem for problem in (BAR, PLANE)}
"""The problems by name."""
