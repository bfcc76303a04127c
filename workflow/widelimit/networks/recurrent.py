r"""Recurrent layers, whose weights are the same at all times.

With :math:`s_0 = 0`, for times t = 1 … T and n units, in NTK parameterisation

.. math:: h_t = \frac{\sigma_w}{\sqrt n} W s_{t-1} + \frac{\sigma_u}{\sqrt d} U x_t + \sigma_b b, \qquad
          s_t = \phi(h_t) .

Infinitely wide, all :math:`h_t(x)` are jointly Gaussian. For times t of one sample and r of another (or the
same), with :math:`K_0 = \Theta_0 = 0` wherever one of the times is 0,

.. math:: K_{h}(t, r) &= \sigma_w^2\, E[\phi\phi](t - 1, r - 1) + \sigma_u^2 K_x(t, r) + \sigma_b^2, \\
          \Theta_{h}(t, r) &= K_{h}(t, r) + \sigma_w^2\, E[\phi'\phi'](t - 1, r - 1)\, \Theta_{h}(t - 1, r - 1)
          + \sigma_u^2 \Theta_x(t, r)

(Yang 2020, Tensor Programs II; Alemohammad et al. 2021). Gradients that come back to two times are correlated only
if they went through W equally often, so that pairs of times at different distances do not mix. One step is
therefore a sum of two independent dense layers and an activation, and the layer is made of these: `FanInSum` of
two `Dense`. A loop over t holds one row, all r, of the previous time. If behind the layer equal times are compared
alone, each row is one number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp

from widelimit.networks.activations import Activation
from widelimit.networks.bounds import Bound
from widelimit.networks.branches import FanInSum
from widelimit.networks.covariance import Covariance
from widelimit.networks.dense import Dense
from widelimit.networks.layer import Layer, Params, hyper, layer
from widelimit.networks.positions import equal_positions

__all__ = ["GRU", "RNN"]


@layer
class RNN(Layer):
    r"""A simple recurrent layer: the states :math:`s_t` at all times, for inputs of shape (n, T, channels).

    `Index(-1)` behind it takes the last one, `GlobalAvgPool` their mean.

    Args:
        features: units n; what goes to infinity.
        activation: :math:`\phi`, such as ``Erf()``.
        w_std: :math:`\sigma_w`, of the weights from the previous time.
        u_std: :math:`\sigma_u`, of the weights from the input.
        b_std: :math:`\sigma_b`; None means that there are no biases.
        parameterization, base_width: "ntk" or "standard" for both weights, as in `Dense`.
    """

    features: int
    activation: Activation = hyper()
    w_std: float = hyper(default=1.0)
    u_std: float = hyper(default=1.0)
    b_std: float | None = hyper(default=None)
    parameterization: str = "ntk"
    base_width: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.activation, Activation):
            raise ValueError(
                f"RNN got the activation {self.activation!r}, expected a layer such as Erf() or "
                "Elementwise(function)."
            )
        if self.parameterization not in ("ntk", "standard"):
            raise ValueError(
                f"parameterization is {self.parameterization!r}, expected ntk or standard: a recurrent layer is "
                "not the last one."
            )

    @property
    def recurrent(self) -> Dense:
        """The layer from the previous time."""
        return Dense(self.features, self.w_std, None, self.parameterization, self.base_width)

    @property
    def inputs(self) -> Dense:
        """The layer from the input, with the biases."""
        return Dense(self.features, self.u_std, self.b_std, self.parameterization, self.base_width)

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        w_key, u_key = jax.random.split(key)
        return {
            "recurrent": self.recurrent.init(w_key, (self.features,)),
            "inputs": self.inputs.init(u_key, input_shape),
        }

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        _check("RNN", x.ndim - 2)

        def step(before: jax.Array, driven: jax.Array) -> jax.Array:
            return self.activation(self.recurrent.apply(params["recurrent"], before) + driven)

        return _states(step, self.inputs.apply(params["inputs"], x), self.features)

    def propagate(self, state: Covariance) -> Covariance:
        _check("RNN", state.positions)
        if not state.pairs:
            return self._run(self._at_rest(state), state, lambda row: row)
        own = self.propagate(equal_positions(state).replace(ntk=None))
        return self._run(_beside(self._at_rest(state), own), state, _one_later)

    def _run(
        self, before: Covariance, state: Covariance, following: Callable[[Covariance], Covariance]
    ) -> Covariance:
        """The states at all times.

        Args:
            before: the row in front of the first time.
            state: the inputs.
            following: what the next time sees of a row.
        """

        def step(before: Covariance, seen: Covariance) -> tuple[Covariance, Covariance]:
            driven = self.inputs.propagate(seen.replace(bound=state.bound))
            field = FanInSum().propagate((self.recurrent.propagate(before), driven))
            row = self.activation.propagate(field)
            return following(row), row

        return _stacked(jax.lax.scan(step, before, _rows(state))[1], pairs=state.pairs)

    def _at_rest(self, state: Covariance) -> Covariance:
        """The row of :math:`s_0 = 0`."""
        zero = jnp.zeros((), state.delta.dtype)
        lacking = jax.eval_shape(lambda: self.activation.lacking(state.variances(1)))
        exact = state.bound is None and lacking is None
        rest: Covariance = jax.tree.map(lambda x: jnp.zeros_like(x[0]), _rows(state))
        return rest.each(
            lambda part: part.replace(
                gaussian=False, shared=False, wide=True, channels=self.features, products=None
            )
        ).replace(bound=None if exact else Bound(zero, zero, zero, zero))


@layer
class GRU(Layer):
    r"""A gated recurrent layer (Cho et al. 2014): the states at all times, for inputs of shape (n, T, channels).

    .. math:: z_t, r_t = \mathrm{sigmoid}(W^{z,r} s_{t-1} + U^{z,r} x_t + b^{z,r}), \qquad
              s_t = z_t\, s_{t-1} + (1 - z_t) \tanh(W (r_t\, s_{t-1}) + U x_t + b),

    with the scales of `RNN`. A finite network alone: it has no kernel in closed form, see `propagate`.

    Args:
        features: units.
        w_std, u_std, b_std: as in `RNN`, the same for gates and candidates.
    """

    features: int
    w_std: float = hyper(default=1.0)
    u_std: float = hyper(default=1.0)
    b_std: float | None = hyper(default=None)

    @property
    def gates(self) -> Dense:
        """The layer from the previous time to both gates."""
        return Dense(2 * self.features, self.w_std)

    @property
    def candidates(self) -> Dense:
        """The layer from the previous time to candidates."""
        return Dense(self.features, self.w_std)

    @property
    def inputs(self) -> Dense:
        """The layer from the input to gates and candidates."""
        return Dense(3 * self.features, self.u_std, self.b_std)

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        gates_key, candidates_key, inputs_key = jax.random.split(key, 3)
        return {
            "gates": self.gates.init(gates_key, (self.features,)),
            "candidates": self.candidates.init(candidates_key, (self.features,)),
            "inputs": self.inputs.init(inputs_key, input_shape),
        }

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        _check("GRU", x.ndim - 2)

        def step(before: jax.Array, driven: jax.Array) -> jax.Array:
            to_gates, to_candidates = jnp.split(driven, [2 * self.features], axis=-1)
            gates = jax.nn.sigmoid(self.gates.apply(params["gates"], before) + to_gates)
            update, reset = jnp.split(gates, 2, axis=-1)
            own = self.candidates.apply(params["candidates"], reset * before)
            return update * before + (1 - update) * jnp.tanh(own + to_candidates)

        return _states(step, self.inputs.apply(params["inputs"], x), self.features)

    def propagate(self, state: Covariance) -> Covariance:
        raise ValueError(
            "GRU has no kernel in closed form: its weights are the same at all times, so that a gate is "
            "correlated with all earlier ones, whose product the state holds; its moments at two times do not "
            "follow from those one step before. Draw finite networks: tangents.sample_ntk(net, key, range(N), x) "
            "gives N kernels, whose mean has a standard error and a bias of order 1/features. RNN has a kernel."
        )


def _states(
    step: Callable[[jax.Array, jax.Array], jax.Array], driven: jax.Array, features: int
) -> jax.Array:
    """The states at all times, shape (n, T, features), from what the inputs contribute, (n, T, …)."""

    def both(before: jax.Array, now: jax.Array) -> tuple[jax.Array, jax.Array]:
        after = step(before, now)
        return after, after

    rest = jnp.zeros((len(driven), features), driven.dtype)
    return jnp.moveaxis(jax.lax.scan(both, rest, jnp.moveaxis(driven, 1, 0))[1], 0, 1)


def _check(name: str, positions: int) -> None:
    if positions != 1:
        raise ValueError(
            f"{name} got a field over {positions} axes of positions, expected sequences of shape "
            "(samples, times, channels)."
        )


def _rows(state: Covariance) -> Covariance:
    """The state with the times of its first samples as the leading axis of all arrays."""
    axis, times = (-2 if state.pairs else -1), state.delta.shape[-1]

    def leading(x: jax.Array) -> jax.Array:
        moved = jnp.moveaxis(x, axis, 0)
        return jnp.broadcast_to(moved, (times, *moved.shape[1:]))

    def rows(part: Covariance) -> Covariance:
        bare = part.replace(within=None, bound=None, positions=0, pairs=False)
        moved: Covariance = jax.tree.map(leading, bare)
        return moved

    return state.each(rows)


def _stacked(rows: Covariance, *, pairs: bool) -> Covariance:
    """The state whose `_rows` these are; with the largest bound of them all."""

    def stacked(part: Covariance) -> Covariance:
        part = part.replace(within=None, bound=None, positions=1, pairs=pairs)
        # Of all pairs of times, each row has the same second moments of the other side.
        part = part.replace(q2=part.q2[:1]) if pairs else part
        whole: Covariance = jax.tree.map(lambda x: jnp.moveaxis(x, 0, -2 if pairs else -1), part)
        return whole

    bound = jax.tree.map(lambda errors: jnp.max(errors, initial=0), rows.bound)
    return rows.each(stacked).replace(bound=bound)


def _beside(rest: Covariance, own: Covariance) -> Covariance:
    """The row of zeros beside the other side's states, of which ``own`` has the second moments."""
    assert rest.within is not None
    first, second = rest.within
    within = first.replace(q2=own.q1[:, 0]), second.replace(q2=own.q2[0])
    if rest.bound is not None and own.bound is not None:
        rest = rest.replace(bound=dataclasses.replace(rest.bound, q=own.bound.q))
    return _one_later(rest.replace(q2=own.q2, within=within))


def _one_later(row: Covariance) -> Covariance:
    """The row as it is seen by the next time of the other side, which at its first time sees nothing."""

    def later(x: jax.Array) -> jax.Array:
        return jnp.concatenate([jnp.zeros_like(x[..., :1]), x[..., :-1]], axis=-1)

    def shifted(part: Covariance) -> Covariance:
        ntk = None if part.ntk is None else later(part.ntk)
        return part.replace(q2=later(part.q2), delta=later(part.delta), ntk=ntk)

    return row.each(shifted)
