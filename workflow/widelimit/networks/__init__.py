"""Networks: one definition, a finite and an infinite-width meaning (see `layer`)."""

from widelimit.networks.activations import (
    ABRelu,
    Abs,
    Activation,
    Cos,
    Elementwise,
    Erf,
    Exp,
    ExpNormalized,
    Gabor,
    Gaussian,
    Gelu,
    GeluTanh,
    Heaviside,
    Hermite,
    LeakyRelu,
    Mish,
    Monomial,
    Polynomial,
    Rbf,
    RectifiedMonomial,
    Relu,
    Sigmoid,
    SigmoidLike,
    Sign,
    Silu,
    Sin,
    Softplus,
    Tanh,
)
from widelimit.networks.blocks import Identity, Repeat, Residual
from widelimit.networks.branches import FanInConcat, FanInProd, FanInSum, FanOut, Parallel
from widelimit.networks.convolution import Conv
from widelimit.networks.covariance import Covariance
from widelimit.networks.dense import Dense
from widelimit.networks.ensemble import init_many
from widelimit.networks.flatten import Flatten
from widelimit.networks.layer import Layer
from widelimit.networks.mlp import mlp
from widelimit.networks.normalisation import LayerNorm
from widelimit.networks.pooling import AvgPool, GlobalAvgPool, GlobalSumPool, SumPool
from widelimit.networks.serial import Serial

__all__ = [
    "ABRelu",
    "Abs",
    "Activation",
    "AvgPool",
    "Conv",
    "Cos",
    "Covariance",
    "Dense",
    "Elementwise",
    "Erf",
    "Exp",
    "ExpNormalized",
    "FanInConcat",
    "FanInProd",
    "FanInSum",
    "FanOut",
    "Flatten",
    "Gabor",
    "Gaussian",
    "Gelu",
    "GeluTanh",
    "GlobalAvgPool",
    "GlobalSumPool",
    "Heaviside",
    "Hermite",
    "Identity",
    "Layer",
    "LayerNorm",
    "LeakyRelu",
    "Mish",
    "Monomial",
    "Parallel",
    "Polynomial",
    "Rbf",
    "RectifiedMonomial",
    "Relu",
    "Repeat",
    "Residual",
    "Serial",
    "Sigmoid",
    "SigmoidLike",
    "Sign",
    "Silu",
    "Sin",
    "Softplus",
    "SumPool",
    "Tanh",
    "init_many",
    "mlp",
]
