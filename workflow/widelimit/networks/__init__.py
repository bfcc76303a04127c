"""Networks: one definition, a finite and an infinite-width meaning (see `layer`)."""

from widelimit.networks.activations import (
    ABRelu,
    Abs,
    Activation,
    Cos,
    Elementwise,
    Elu,
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
    Piecewise,
    Polynomial,
    Rbf,
    RectifiedMonomial,
    Relu,
    Selu,
    Sigmoid,
    SigmoidLike,
    Sign,
    Silu,
    Sin,
    Softplus,
    Tanh,
)
from widelimit.networks.attention import GlobalSelfAttention
from widelimit.networks.batch_normalisation import BatchNormRelu
from widelimit.networks.blocks import Identity, Repeat, Residual
from widelimit.networks.branches import (
    FanInConcat,
    FanInPositions,
    FanInProd,
    FanInSum,
    FanOut,
    Parallel,
)
from widelimit.networks.catalogue import by_name, named
from widelimit.networks.cnn import cntk, myrtle
from widelimit.networks.convolution import Conv
from widelimit.networks.covariance import Covariance
from widelimit.networks.dense import Dense
from widelimit.networks.dropout import Dropout
from widelimit.networks.embedding import PositionalEmbedding
from widelimit.networks.ensemble import init_many
from widelimit.networks.flatten import Flatten
from widelimit.networks.frozen import Frozen
from widelimit.networks.graphs import OnGraphs, SumNeighbours, with_graphs
from widelimit.networks.layer import Layer
from widelimit.networks.linear_maps import Aggregate, ImageResize
from widelimit.networks.local import ConvLocal
from widelimit.networks.masked import Masked
from widelimit.networks.mlp import mlp
from widelimit.networks.normalisation import LayerNorm
from widelimit.networks.pooling import AvgPool, GlobalAvgPool, GlobalSumPool, SumPool
from widelimit.networks.recurrent import GRU, RNN
from widelimit.networks.selection import Index
from widelimit.networks.serial import Serial
from widelimit.networks.transposed import ConvTranspose

__all__ = [
    "GRU",
    "RNN",
    "ABRelu",
    "Abs",
    "Activation",
    "Aggregate",
    "AvgPool",
    "BatchNormRelu",
    "Conv",
    "ConvLocal",
    "ConvTranspose",
    "Cos",
    "Covariance",
    "Dense",
    "Dropout",
    "Elementwise",
    "Elu",
    "Erf",
    "Exp",
    "ExpNormalized",
    "FanInConcat",
    "FanInPositions",
    "FanInProd",
    "FanInSum",
    "FanOut",
    "Flatten",
    "Frozen",
    "Gabor",
    "Gaussian",
    "Gelu",
    "GeluTanh",
    "GlobalAvgPool",
    "GlobalSelfAttention",
    "GlobalSumPool",
    "Heaviside",
    "Hermite",
    "Identity",
    "ImageResize",
    "Index",
    "Layer",
    "LayerNorm",
    "LeakyRelu",
    "Masked",
    "Mish",
    "Monomial",
    "OnGraphs",
    "Parallel",
    "Piecewise",
    "Polynomial",
    "PositionalEmbedding",
    "Rbf",
    "RectifiedMonomial",
    "Relu",
    "Repeat",
    "Residual",
    "Selu",
    "Serial",
    "Sigmoid",
    "SigmoidLike",
    "Sign",
    "Silu",
    "Sin",
    "Softplus",
    "SumNeighbours",
    "SumPool",
    "Tanh",
    "by_name",
    "cntk",
    "init_many",
    "mlp",
    "myrtle",
    "named",
    "with_graphs",
]
