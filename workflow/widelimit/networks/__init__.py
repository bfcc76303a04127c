"""Networks: one definition, a finite and an infinite-width meaning (see `layer`)."""

from widelimit.networks.activations import (
    Activation,
    Erf,
    Gelu,
    LeakyRelu,
    Monomial,
    RectifiedSquare,
    Relu,
    Sin,
    Tanh,
)
from widelimit.networks.covariance import Covariance
from widelimit.networks.dense import Dense
from widelimit.networks.ensemble import init_many
from widelimit.networks.layer import Layer
from widelimit.networks.mlp import mlp
from widelimit.networks.serial import Serial

__all__ = [
    "Activation",
    "Covariance",
    "Dense",
    "Erf",
    "Gelu",
    "Layer",
    "LeakyRelu",
    "Monomial",
    "RectifiedSquare",
    "Relu",
    "Serial",
    "Sin",
    "Tanh",
    "init_many",
    "mlp",
]
