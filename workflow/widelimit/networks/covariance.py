r"""The state that `Layer.propagate` passes on: second moments of the field on two sets of inputs.

For a field :math:`z` the state holds

.. math:: q_i = E[z(x_i)^2], \qquad \delta_{ij} = 1 - c_{ij}, \qquad
          c_{ij} = E[z(x_i) z(x_j)] / \sqrt{q_i q_j}, \qquad \Theta_{ij} .

It keeps :math:`1 - c` and not :math:`c`: in the ordered phase all correlations tend to one, and the
digits that tell inputs apart live in the difference. Only the inputs themselves enter by an inner
product; behind them no two close numbers are subtracted.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["Covariance"]


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Covariance:
    """Second moments of a field on inputs ``x1`` (n1 of them) and ``x2`` (n2 of them).

    Attributes:
        q1: second moments on ``x1``, shape (n1,).
        q2: second moments on ``x2``, shape (n2,).
        delta: one minus the correlation, shape (n1, n2), in [0, 2]; exactly 0 for identical and
            exactly 2 for antipodal inputs.
        ntk: tangent kernel, shape (n1, n2).
        gaussian: whether the field is Gaussian given its inputs (only then may an activation follow).
    """

    q1: jax.Array
    q2: jax.Array
    delta: jax.Array
    ntk: jax.Array
    gaussian: bool = dataclasses.field(metadata={"static": True})

    @classmethod
    def of_inputs(cls, x1: jax.Array, x2: jax.Array) -> Covariance:
        r"""The state of raw inputs of shape (n, d): :math:`q = |x|^2/d`, :math:`\Theta = 0`."""
        x1, x2 = jnp.asarray(x1), jnp.asarray(x2)
        for name, x in (("x1", x1), ("x2", x2)):
            if x.ndim != 2:
                raise ValueError(
                    f"{name} has shape {x.shape}, expected (samples, features): "
                    "flatten each input to one axis."
                )
        if x1.shape[1] != x2.shape[1]:
            raise ValueError(
                f"x1 has {x1.shape[1]} features and x2 has {x2.shape[1]}; both must have the same."
            )
        (unit1, q1), (unit2, q2) = _normalise(x1), _normalise(x2)
        cosine = jnp.matmul(unit1, unit2.T, precision=jax.lax.Precision.HIGHEST)
        delta = jnp.clip(1 - cosine, 0, 2)
        # Fingerprints of 32 bits collide now and then: inputs must look alike as well.
        delta = jnp.where((cosine < -0.99) & _identical(x1, -x2), 2, delta)
        delta = jnp.where((cosine > 0.99) & _identical(x1, x2), 0, delta)
        return cls(q1, q2, delta, jnp.zeros_like(delta), gaussian=False)

    @property
    def scale(self) -> jax.Array:
        r""":math:`\sqrt{q_i q_j}`, shape (n1, n2)."""
        return safe_sqrt(self.q1)[:, None] * safe_sqrt(self.q2)[None, :]

    @property
    def nngp(self) -> jax.Array:
        r""":math:`E[z(x_i) z(x_j)]`, shape (n1, n2)."""
        return self.scale * (1 - self.delta)


def safe_sqrt(x: jax.Array) -> jax.Array:
    """Square root whose derivative at zero is zero, not infinite: a zero input gives no NaN."""
    positive = x > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1)), 0)


def _normalise(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Unit vectors (zero for a zero input), shape (n, d), and mean squares, shape (n,)."""
    square = jnp.sum(x**2, axis=1)
    norm = jnp.where(square > 0, safe_sqrt(square), 1)
    return x / norm[:, None], square / x.shape[1]


def _identical(x1: jax.Array, x2: jax.Array) -> jax.Array:
    """Whether two inputs are the same to the bit, shape (n1, n2), at the price of one comparison a pair.

    The dot product of two equal unit vectors is one only to rounding, and the ReLU kernel turns a
    rounding error of 1e-16 there into one of 1e-8. So rows are compared by a fingerprint: their
    bits times fixed odd numbers, summed modulo the word size.
    """
    return _fingerprint(x1)[:, None] == _fingerprint(x2)[None, :]


def _fingerprint(x: jax.Array) -> jax.Array:
    bits = jax.lax.bitcast_convert_type(
        jax.lax.stop_gradient(x) + 0.0,  # -0.0 becomes 0.0
        jnp.uint64 if x.dtype == jnp.float64 else jnp.uint32,
    )
    odd = np.random.default_rng(0x5EED).integers(0, 2**63, x.shape[1], dtype=np.uint64) * 2 + 1
    mixed = bits ^ (bits >> (bits.dtype.itemsize * 4))
    return jnp.sum(mixed * odd.astype(bits.dtype), axis=1, dtype=bits.dtype)
