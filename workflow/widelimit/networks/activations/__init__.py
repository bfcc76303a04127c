"""Elementwise nonlinearities, each with its finite and its infinite-width meaning."""

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.activations.erf import Erf
from widelimit.networks.activations.gelu import Gelu
from widelimit.networks.activations.monomial import Monomial
from widelimit.networks.activations.rectified import LeakyRelu, RectifiedSquare, Relu
from widelimit.networks.activations.sine import Sin
from widelimit.networks.activations.tanh import Tanh

__all__ = [
    "Activation",
    "Dual",
    "Erf",
    "Gelu",
    "LeakyRelu",
    "Monomial",
    "RectifiedSquare",
    "Relu",
    "Sin",
    "Tanh",
]
