"""The fully connected network that the studies share, from a few plain numbers."""

from __future__ import annotations

from widelimit.networks.activations import (
    Activation,
    Erf,
    Gelu,
    LeakyRelu,
    Monomial,
    RectifiedMonomial,
    Relu,
    Sin,
    Tanh,
)
from widelimit.networks.dense import Dense
from widelimit.networks.serial import Serial

__all__ = ["ACTIVATIONS", "mlp"]

ACTIVATIONS: dict[str, Activation] = {
    "relu": Relu(),
    "leaky_relu": LeakyRelu(0.1),
    "erf": Erf(),
    "gelu": Gelu(),
    "sin": Sin(),
    "relu2": RectifiedMonomial(2),
    "square": Monomial(2),
    "tanh": Tanh(),
}
"""Activations by the names that configurations use; ``leaky_relu`` has slope 0.1."""


def mlp(
    activation: str,
    depth: int,
    *,
    width: int = 512,
    outputs: int = 1,
    w_std: float = 1.0,
    b_std: float | None = None,
) -> Serial:
    """A perceptron with ``depth`` weight layers: ``depth`` - 1 hidden ones of ``width`` units.

    Args:
        activation: a key of `ACTIVATIONS`.
        depth: number of weight layers, at least 1 (which is a linear model).
        width: units of each hidden layer; infinite-width kernels do not depend on it.
        outputs: units of the last layer.
        w_std, b_std: as in `Dense`, the same in every layer.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation is {activation!r}, expected one of {sorted(ACTIVATIONS)}.")
    if depth < 1 or width < 1 or outputs < 1:
        raise ValueError(
            f"got depth={depth}, width={width}, outputs={outputs}; each must be at least 1."
        )
    hidden = (Dense(width, w_std, b_std), ACTIVATIONS[activation])
    return Serial(*(hidden * (depth - 1)), Dense(outputs, w_std, b_std))
