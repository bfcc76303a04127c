r"""Batch normalisation and ReLU, on a whole batch.

Finite, for each channel z over the B samples of a batch, with G the matrix that subtracts their mean,

.. math:: z \mapsto \phi(\tilde z), \qquad \tilde z = \sqrt{B}\, \frac{x}{|x|}, \quad x = G z,
          \quad \phi(z) = \max(z, 0),

so that what a sample becomes depends on all others. There is no learned scale and shift, and no ε: the scale of
z does not matter. At infinite width x is Gaussian with
covariance :math:`S = G K G` (Yang et al. 2019, "A mean field theory of batch normalization"), and with the
Jacobian :math:`\partial\tilde z/\partial z = \sqrt{B}\, |x|^{-1} (1 - x x^\top/|x|^2)\, G`, with
:math:`\tilde\Theta = G \Theta G`,

.. math:: K'_{ij} &= B\, E\Big[\frac{\phi(x_i)\,\phi(x_j)}{|x|^2}\Big], \\
          \Theta'_{ij} &= B\, E\Big[\phi'(x_i)\,\phi'(x_j) \Big(\frac{\tilde\Theta_{ij}}{|x|^2}
          - \frac{x_i (\tilde\Theta x)_j + (\tilde\Theta x)_i\, x_j}{|x|^4}
          + \frac{x_i x_j\, x^\top \tilde\Theta x}{|x|^6}\Big)\Big] .

`tilted` turns the norms into an integral over Gaussians y of covariance C, and `orthant` gives their moments in
closed form: with P, A, F of that module, :math:`M = C \tilde\Theta` and :math:`N = C \tilde\Theta C`, the weight is

.. math:: e^t \Big\{P_{ij} \Big[\tilde\Theta - \tfrac12 (M + M^\top) + \tfrac14 N\Big]_{ij}
          + \tfrac18 F_{ij}\, \mathrm{tr} M
          + A_{ij} \Big[\tfrac18 N - \tfrac12 M\Big]_{jj} + A_{ji} \Big[\tfrac18 N - \tfrac12 M\Big]_{ii}\Big\} .

:math:`E|x|^{-2}`, and with it the tangent kernel, is infinite if S has fewer than three dimensions: four
distinct samples are needed, and behind a linear layer inputs of at least three dimensions.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Layer, Params, layer
from widelimit.networks.orthant import orthant
from widelimit.networks.positions import from_moments
from widelimit.networks.rounding import alike, corrected
from widelimit.networks.safe import safe_ratio, safe_sqrt
from widelimit.networks.tilted import nodes, spectrum, tilted

__all__ = ["BatchNormRelu"]


@layer
class BatchNormRelu(Layer):
    """Each channel brought to mean 0 and variance 1 over the batch, and rectified; see `batch_normalisation`.

    The batch is that of the call, in evaluation as in training: there are no running averages. A channel that
    is the same for all samples becomes 0. Kernels are those of one whole batch with itself; the layer takes
    vectors, not fields over positions.

    With the default number of nodes both kernels are accurate to rounding in float64 if the eigenvalues of the
    covariance span six orders of magnitude, and within 1e-10 of the scale of their entries if they span fourteen.
    The tangent kernel is infinite where those of finite networks have no mean. Gradients are right for all
    batches, second derivatives only by reverse mode twice (forward over reverse gives NaN) and for samples that
    span all B - 1 dimensions, higher ones not at all.

    Args:
        nodes: number of nodes of the integral; each takes a few products of matrices of the batch's size.
    """

    nodes: int = 96

    @property
    def couples_samples(self) -> bool:
        return True

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        return ()

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        _check_vectors(x.ndim - 2)
        centred = x - jnp.mean(x, axis=0)
        inverse = safe_ratio(len(x), jnp.sum(centred**2, axis=0))
        return jax.nn.relu(centred * safe_sqrt(inverse))

    def propagate(self, state: Covariance) -> Covariance:
        _check(state)
        # A covariance of the square roots of the variances, and the rest, which is small for samples alike.
        root = safe_sqrt(state.q1[:, 0])
        mean = _centred(root[:, None])
        s = mean @ mean.T - _centred(jnp.outer(root, root) * state.delta)
        same = (state.delta == 0) & alike(state.q1, state.q2)
        theta = None if state.ntk is None else _centred(state.ntk)
        k, ntk = _expectations((s + s.T) / 2, theta, same, self.nodes)
        behind = from_moments(state, k, ntk, jnp.diagonal(k), jnp.diagonal(k))
        return behind.replace(
            delta=corrected(behind.delta, jnp.where(same, 0, behind.delta)), gaussian=False
        )


class _Kernels(NamedTuple):
    nngp: jax.Array
    ntk: jax.Array | None


def _expectations(s: jax.Array, theta: jax.Array | None, same: jax.Array, count: int) -> _Kernels:
    """Both kernels behind the layer.

    Args:
        s: covariance of the centred field, shape (n, n).
        theta: its tangent kernel, or None.
        same: pairs of samples that are the same.
        count: number of nodes.
    """
    size, trace = len(s), jnp.trace(s)
    s, theta = safe_ratio(s, trace), None if theta is None else safe_ratio(theta, trace)
    found = spectrum(s)
    variances = jnp.diagonal(jax.lax.stop_gradient(s))
    positive = variances > 4 * size * jnp.finfo(s.dtype).eps * jnp.max(variances)

    def add(total: _Kernels, node: tuple[jax.Array, jax.Array]) -> tuple[_Kernels, None]:
        log_s, weight = node
        c, log_mass = tilted(s, log_s, found)
        y = orthant(c, same, positive)
        nngp = total.nngp + weight * jnp.exp(log_mass) * y.product / 2
        if theta is None:
            return _Kernels(nngp, None), None
        m = jnp.matmul(c, theta, precision="highest")
        n = jnp.matmul(m, c, precision="highest")
        sides = y.edge * jnp.diagonal(n / 8 - m / 2)
        inside = y.both * (theta - (m + m.T) / 2 + n / 4) + y.product * jnp.trace(m) / 8
        ntk = inside + sides + sides.T
        return _Kernels(nngp, total.ntk + weight * jnp.exp(log_s + log_mass) * ntk), None

    start = _Kernels(jnp.zeros_like(s), None if theta is None else jnp.zeros_like(s))
    k, ntk = jax.lax.scan(add, start, nodes(found, count))[0]
    # What is the same stays so to the bit, which the eigenvectors do not see to.
    first = jnp.argmax(same, axis=1)
    k = size * corrected(k, k[first][:, first])
    if ntk is None:
        return _Kernels(k, None)
    ntk = size * (ntk + ntk.T) / 2
    ntk = corrected(ntk, ntk[first][:, first])
    return _Kernels(k, jnp.where(found.rank < 3, jnp.inf, ntk))


def _centred(x: jax.Array) -> jax.Array:
    """``x`` without the means over its axes of samples, those that are longer than one."""
    for axis in range(2):
        x = x - jnp.mean(x, axis, keepdims=True) if x.shape[axis] > 1 else x
    return x


def _check_vectors(positions: int) -> None:
    if positions:
        raise ValueError(
            f"BatchNormRelu got a field over {positions} axes of positions, expected one vector for each "
            "sample: put Flatten and a Dense layer in front. Normalisation over positions is not there yet."
        )


def _check(state: Covariance) -> None:
    _check_vectors(state.positions)
    if not state.gaussian:
        raise ValueError(
            "BatchNormRelu got a field that is not Gaussian, expected one that comes out of a linear layer: "
            "put a Dense layer in front of it. It rectifies by itself."
        )
    if not state.batch:
        raise ValueError(
            "BatchNormRelu got covariances between samples that need not be one whole batch, whose means and "
            "variances it takes: call `kernels.compute(net, x)` without x2 and diagonal, and with no tile below "
            "the number of samples, or `kernels.function(net)(net.hyper, x)`. Dropout(masked=True) in front, "
            "where two passes differ, has no kernel."
        )
    if state.bound is not None:
        raise ValueError(
            "BatchNormRelu behind an activation without a closed form: what it makes of the error of its series "
            "is not bounded. Take an activation with a closed form in front."
        )
    least = 2 if state.ntk is None else 4
    if len(state.delta) < least:
        raise ValueError(
            f"BatchNormRelu got a batch of {len(state.delta)} samples, expected at least {least}: the tangent "
            "kernel is infinite for fewer than 4, and 1 sample has no variance. With get='nngp' 2 are enough."
        )
