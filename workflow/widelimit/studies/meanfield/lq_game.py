r"""A linear-quadratic mean-field game whose equilibrium is known in closed form.

Each agent moves by :math:`dX = u\,dt + \sigma\,dW` and minimises

.. math:: E \int_0^T \Big[\tfrac r2 u^2 + \tfrac q2 (X - s\,m)^2\Big] dt
          + \tfrac{q_T}{2} (X_T - s_T m_T)^2

against the mean :math:`m` of all agents. In equilibrium :math:`u = -(P X + (\Pi - P) m)/r` with

.. math:: -P' = q - P^2/r,\; P_T = q_T; \qquad -\Pi' = q(1-s) - \Pi^2/r,\; \Pi_T = q_T(1-s_T);

.. math:: m' = -\Pi m/r; \qquad v' = -2 P v/r + \sigma^2

for mean and variance (Bensoussan, Frehse and Yam 2013, chapter 6). All four have closed forms.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.integrate import solve_bvp

__all__ = ["Equilibrium", "Game", "simulate", "solve_numerically"]


@dataclasses.dataclass(frozen=True)
class Game:
    """Parameters of the game; letters as in the module's docstring, all dimensionless."""

    T: float = 1.0
    q: float = 2.0
    r: float = 1.0
    s: float = 0.5
    q_end: float = 1.0
    s_end: float = 0.8
    m0: float = 1.0
    v0: float = 0.25
    sigma: float = 0.3

    def equilibrium(self, t: np.ndarray) -> Equilibrium:
        r"""The closed form at times ``t``.

        A Riccati equation :math:`-P' = q - P^2/r` with :math:`P_T = q_T` has the solution
        :math:`P = r\,y'/y` in the time to go :math:`\tau = T - t` with
        :math:`y(\tau) = e^{\omega\tau} - C e^{-\omega\tau}`, :math:`\omega = \sqrt{q/r}` and
        :math:`C = (q_T - \sqrt{qr})/(q_T + \sqrt{qr})`. The factor by which a deviation contracts
        from 0 to t is :math:`y(\tau)/y(T)`.
        """
        t = np.asarray(t, float)
        single = _Riccati(self.q, self.q_end, self.r)
        crowd = _Riccati(self.q * (1 - self.s), self.q_end * (1 - self.s_end), self.r)
        mean = self.m0 * crowd.contraction(self.T - t, self.T)
        kept = self.v0 * single.contraction(self.T - t, self.T) ** 2
        noise = self.sigma**2 * single.accumulated(self.T - t, self.T)
        return Equilibrium(t, single.value(self.T - t), crowd.value(self.T - t), mean, kept + noise)

    def fluctuation(self, t: np.ndarray) -> np.ndarray:
        """Variance of the mean of n agents who follow the feedback and see that mean, times n.

        The feedback on the mean is Π, so that its deviations contract like those of the crowd and not
        like those of one agent.
        """
        crowd = _Riccati(self.q * (1 - self.s), self.q_end * (1 - self.s_end), self.r)
        to_go = self.T - np.asarray(t, float)
        kept = self.v0 * crowd.contraction(to_go, self.T) ** 2
        return kept + self.sigma**2 * crowd.accumulated(to_go, self.T)


@dataclasses.dataclass(frozen=True)
class Equilibrium:
    """Feedback gains P and Π, mean m and variance v at times t, each of t's shape."""

    t: np.ndarray
    P: np.ndarray
    Pi: np.ndarray
    m: np.ndarray
    v: np.ndarray


class _Riccati:
    """-P' = q - P²/r with P = q_end at time to go zero, in closed form."""

    def __init__(self, q: float, q_end: float, r: float):
        root = np.sqrt(q * r)
        self.rate, self.r = np.sqrt(q / r), r
        self.c = (q_end - root) / (q_end + root)

    def _y(self, tau: np.ndarray) -> np.ndarray:
        return np.exp(self.rate * tau) - self.c * np.exp(-self.rate * tau)

    def value(self, tau: np.ndarray) -> np.ndarray:
        slope = self.rate * (np.exp(self.rate * tau) + self.c * np.exp(-self.rate * tau))
        return self.r * slope / self._y(tau)

    def contraction(self, tau: np.ndarray, start: float) -> np.ndarray:
        return self._y(tau) / self._y(np.asarray(start))

    def accumulated(self, tau: np.ndarray, start: float) -> np.ndarray:
        """∫ from ``tau`` to ``start`` of (y(tau)/y(u))² du, the variance of unit noise."""

        def primitive(u):
            return -1 / (2 * self.rate * (np.exp(2 * self.rate * u) - self.c))

        return self._y(tau) ** 2 * (primitive(np.asarray(start)) - primitive(tau))


def solve_numerically(game: Game, t: np.ndarray, tolerance: float = 1e-10) -> Equilibrium:
    """The equilibrium from its forward-backward equations by collocation: no closed form enters.

    Unknown are P, the mean m, the agents' affine costate g with
    :math:`u = -(P X + g)/r`, :math:`-g' = -P g/r - q s m`, :math:`g_T = -q_T s_T m_T`, and v. The
    gain Π is :math:`P + g/m`.
    """

    def slopes(_t, z):
        P, m, g, v = z
        return np.stack(
            [
                P**2 / game.r - game.q,
                -(P * m + g) / game.r,
                P * g / game.r + game.q * game.s * m,
                -2 * P * v / game.r + game.sigma**2,
            ]
        )

    def ends(start, end):
        return np.array(
            [
                end[0] - game.q_end,
                start[1] - game.m0,
                end[2] + game.q_end * game.s_end * end[1],
                start[3] - game.v0,
            ]
        )

    mesh = np.linspace(0, game.T, 101)
    guess = np.ones((4, mesh.size)) * np.array([game.q_end, game.m0, 0.0, game.v0])[:, None]
    solution = solve_bvp(slopes, ends, mesh, guess, tol=tolerance, max_nodes=100_000)
    if solution.status != 0:
        raise RuntimeError(f"the collocation solver did not converge: {solution.message}")
    P, m, g, v = solution.sol(t)
    return Equilibrium(np.asarray(t), P, P + g / m, m, v)


def simulate(
    game: Game, rng: np.random.Generator, agents: int, steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Agents who follow the equilibrium feedback and see each other's mean: t, mean, variance.

    Euler-Maruyama with ``steps`` steps; each returned array has shape (steps + 1,).
    """
    t = np.linspace(0, game.T, steps + 1)
    equilibrium, dt = game.equilibrium(t), game.T / steps
    x = game.m0 + np.sqrt(game.v0) * rng.standard_normal(agents)
    mean, variance = [x.mean()], [x.var(ddof=1)]
    for P, Pi in zip(equilibrium.P[:-1], equilibrium.Pi[:-1], strict=True):
        control = -(P * x + (Pi - P) * x.mean()) / game.r
        x = x + dt * control + game.sigma * np.sqrt(dt) * rng.standard_normal(agents)
        mean.append(x.mean())
        variance.append(x.var(ddof=1))
    return t, np.array(mean), np.array(variance)
