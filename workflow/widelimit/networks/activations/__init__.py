"""Elementwise nonlinearities, each with its finite and its infinite-width meaning."""

from widelimit.networks.activations.activation import Activation, Dual
from widelimit.networks.activations.erf import Erf, SigmoidLike
from widelimit.networks.activations.exponential import Exp, ExpNormalized, Gaussian
from widelimit.networks.activations.gabor import Gabor
from widelimit.networks.activations.gelu import Gelu
from widelimit.networks.activations.piecewise import Elu, Piecewise, Selu
from widelimit.networks.activations.polynomial import Hermite, Monomial, Polynomial
from widelimit.networks.activations.rectified import (
    ABRelu,
    Abs,
    LeakyRelu,
    RectifiedMonomial,
    Relu,
)
from widelimit.networks.activations.smooth import (
    Elementwise,
    GeluTanh,
    Mish,
    Sigmoid,
    Silu,
    Softplus,
    Tanh,
)
from widelimit.networks.activations.steps import Heaviside, Sign
from widelimit.networks.activations.waves import Cos, Rbf, Sin

__all__ = [
    "ABRelu",
    "Abs",
    "Activation",
    "Cos",
    "Dual",
    "Elementwise",
    "Elu",
    "Erf",
    "Exp",
    "ExpNormalized",
    "Gabor",
    "Gaussian",
    "Gelu",
    "GeluTanh",
    "Heaviside",
    "Hermite",
    "LeakyRelu",
    "Mish",
    "Monomial",
    "Piecewise",
    "Polynomial",
    "Rbf",
    "RectifiedMonomial",
    "Relu",
    "Selu",
    "Sigmoid",
    "SigmoidLike",
    "Sign",
    "Silu",
    "Sin",
    "Softplus",
    "Tanh",
]
