r"""Convolutions.

In NTK parameterisation (for others see `linear`), for channels-last inputs:
:math:`z(s) = \frac{\sigma_w}{\sqrt{|F| n}} \sum_{d \in F} W_d\, x(s + d) + \sigma_b b` with standard normal
:math:`W_d, b`. The weights of different cells d of the window are independent, so that infinitely wide

.. math:: K'(s, s') = \frac{\sigma_w^2}{|F|} \sum_{d \in F} K(s + d, s' + d) + \sigma_b^2, \qquad
          \Theta' = K' + \frac{\sigma_w^2}{|F|} \sum_{d \in F} \Theta(s + d, s' + d)

(Novak et al. 2019; Garriga-Alonso et al. 2019; Arora et al. 2019). Positions in the padding count as zeros.
"""

from __future__ import annotations

from math import prod

import jax

from widelimit.networks.covariance import Covariance
from widelimit.networks.layer import Params, hyper, layer
from widelimit.networks.linear import Linear
from widelimit.networks.sliding import over_cells
from widelimit.networks.windows import Windows, per_axis

__all__ = ["Conv"]


@layer
class Conv(Linear):
    """A convolution over any number of axes of positions, for inputs of shape (n, *positions, channels).

    Args:
        features: number of channels; what goes to infinity.
        filter_shape: cells of the window along each axis of positions.
        strides: distance of neighbouring windows, one number or one for each axis.
        padding: "SAME" (zeros), "VALID" or "CIRCULAR".
        dilation: distance of neighbouring cells, one number or one for each axis.
        groups: groups of channels that do not mix, see `jax.lax.conv_general_dilated`.
        w_std, b_std, parameterization, base_width: as in `Dense`; the fan-in counts all cells of the window.
    """

    features: int
    filter_shape: tuple[int, ...]
    strides: int | tuple[int, ...] = 1
    padding: str = "SAME"
    dilation: int | tuple[int, ...] = 1
    groups: int = 1
    w_std: float = hyper(default=1.0)
    b_std: float | None = hyper(default=None)
    parameterization: str = "ntk"
    base_width: int | None = None

    @property
    def windows(self) -> Windows:
        """Where the windows lie."""
        axes = len(self.filter_shape)
        strides, dilation = per_axis(self.strides, axes), per_axis(self.dilation, axes)
        return Windows(tuple(self.filter_shape), strides, self.padding, dilation)

    def check_inputs(self, shape: tuple[int, ...]) -> None:
        """Refuse inputs of a shape that this layer is not for."""
        *positions, channels = shape
        if len(positions) != len(self.filter_shape):
            raise ValueError(
                f"{type(self).__name__} with a window of shape {self.filter_shape} got inputs of shape "
                f"{shape}, expected {len(self.filter_shape)} axes of positions and one of channels."
            )
        if channels % self.groups or self.features % self.groups:
            raise ValueError(
                f"{type(self).__name__} got {channels} channels for {self.features} features in "
                f"{self.groups} groups; both must be multiples of the number of groups."
            )

    def init(self, key: jax.Array, input_shape: tuple[int, ...]) -> Params:
        self.check_inputs(input_shape)
        channels = input_shape[-1]
        w_key, b_key = jax.random.split(key)
        shape = (*self.filter_shape, channels // self.groups, self.features)
        w = jax.random.normal(w_key, shape)
        b = None if self.b_std is None else jax.random.normal(b_key, (self.features,))
        return self.drawn(w, b, channels // self.groups, prod(self.filter_shape))

    def apply(
        self, params: Params, x: jax.Array, *, key: jax.Array | None = None, train: bool = False
    ) -> jax.Array:
        w, windows = params["w"], self.windows
        if x.ndim != w.ndim or x.shape[-1] != w.shape[-2] * self.groups:
            raise ValueError(
                f"Conv({self.features}, {self.filter_shape}) got inputs of shape {x.shape}, but its "
                f"parameters were made for {w.ndim - 2} axes of positions and "
                f"{w.shape[-2] * self.groups} channels."
            )
        last = x.ndim - 1
        z = jax.lax.conv_general_dilated(
            windows.padded(x, tuple(range(1, last))), w,
            window_strides=windows.strides, padding="VALID", rhs_dilation=windows.dilation,
            dimension_numbers=jax.lax.ConvDimensionNumbers(
                (0, last, *range(1, last)), (last, last - 1, *range(last - 1)),
                (0, last, *range(1, last)),
            ),
            feature_group_count=self.groups,
        )  # fmt: skip
        return self.scaled(z, params, w.shape[-2], prod(self.filter_shape))

    def mask_behind(self, mask: jax.Array) -> jax.Array:
        return self.windows.absent(mask)

    def propagate(self, state: Covariance) -> Covariance:
        if state.positions != len(self.filter_shape):
            raise ValueError(
                f"Conv with a window of shape {self.filter_shape} got a field over {state.positions} "
                "axes of positions: inputs have shape (samples, *positions, channels)."
            )
        if self.groups > 1 and not state.wide:
            raise ValueError(
                "Conv with groups on raw inputs has no kernel: each group of channels sees other "
                "inputs, so that the next layer's field is a mixture of Gaussians. Put a Conv "
                "without groups in front."
            )
        return self.through(
            state,
            lambda part: over_cells(part, self.windows),
            prod(self.filter_shape),
            state.channels // self.groups,
        )
