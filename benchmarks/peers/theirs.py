"""Kernels of neural-tangents for given architectures; runs in the peer's own environment.

Usage: python theirs.py architectures.json kernels.npz
"""

import json
import sys
import types
import warnings
from functools import partial
from pathlib import Path

import jax
import numpy as np

warnings.filterwarnings("ignore")  # it warns of each sum of branches
# The sub-package needs TensorFlow; nothing else does.
sys.modules["neural_tangents.experimental"] = types.ModuleType("neural_tangents.experimental")
jax.config.update("jax_enable_x64", True)

from neural_tangents import stax  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from architectures import inputs  # noqa: E402


def build(layers):
    return stax.serial(*(LAYERS[name](**arguments) for name, arguments in layers))


def dense(w_std, b_std, **options):
    return stax.Dense(1, W_std=w_std, b_std=b_std, **options)


def conv(window, strides, padding, w_std, b_std, kind=stax.Conv, **options):
    return kind(1, tuple(window), tuple(strides), padding, W_std=w_std, b_std=b_std, **options)


def pooled(kind):
    return lambda window, strides, padding, **options: kind(
        tuple(window), tuple(strides), padding, **options
    )


def residual(branches):
    return joined(stax.FanInSum)([[], *branches])


def joined(kind):
    def build_joined(branches):
        parts = [build(branch) if branch else stax.Identity() for branch in branches]
        return stax.serial(stax.FanOut(len(parts)), stax.parallel(*parts), kind())

    return build_joined


def attention(w_std, b_std, attention, scale, mechanism):
    return stax.GlobalSelfAttention(
        *(1, 1, 1, 1), linear_scaling=scale == "1/d", W_query_std=attention, W_out_std=w_std, b_std=b_std,
        attention_mechanism=mechanism.upper(),
    )  # fmt: skip


def numerical(function):
    """By 25² nodes, as its documentation advises."""
    return lambda: stax.ElementwiseNumerical(function, 25)


def index(start):
    return stax.Index(idx=(slice(None), *(slice(s, None) for s in start), slice(None)))


def aggregate(weights):
    return stax.DotGeneral(rhs=np.array(weights), dimension_numbers=(((1,), (0,)), ((), ())))


LAYERS = {
    "Dense": dense,
    "StandardDense": partial(dense, parameterization="standard"),
    "Conv": conv,
    "StandardConv": partial(conv, parameterization="standard"),
    "Conv1x1": conv,
    "ConvTranspose": partial(conv, kind=stax.ConvTranspose),
    "ConvLocal": partial(conv, kind=stax.ConvLocal),
    "GlobalSelfAttention": attention,
    "Residual": residual,
    "FanInSum": joined(stax.FanInSum),
    "FanInProd": joined(stax.FanInProd),
    "FanInConcat": joined(lambda: stax.FanInConcat(-1)),
    "Dropout": lambda rate: stax.Dropout(rate, mode="test"),
    "Index": index,
    "Aggregate": aggregate,
    "AvgPool": pooled(stax.AvgPool),
    "SumPool": pooled(stax.SumPool),
    "LayerNorm": stax.LayerNorm,
    "Flatten": stax.Flatten,
    "GlobalAvgPool": stax.GlobalAvgPool,
    "GlobalSumPool": stax.GlobalSumPool,
    "Relu": stax.Relu,
    "LeakyRelu": lambda slope: stax.LeakyRelu(alpha=slope),
    "Abs": stax.Abs,
    "ABRelu": stax.ABRelu,
    "Erf": stax.Erf,
    "SigmoidLike": stax.Sigmoid_like,
    "Gelu": stax.Gelu,
    "Rbf": stax.Rbf,
    "Sin": stax.Sin,
    "Cos": stax.Cos,
    "Sign": stax.Sign,
    "Exp": stax.Exp,
    "Gaussian": lambda a, b: stax.Gaussian(a=a, b=-b),
    "Gabor": stax.Gabor,
    "ExpNormalized": stax.ExpNormalized,
    "Monomial": stax.Monomial,
    "RectifiedMonomial": stax.RectifiedMonomial,
    "Polynomial": lambda powers: stax.Polynomial(coef=powers),
    "Tanh": numerical(jax.numpy.tanh),
    "Sigmoid": numerical(jax.nn.sigmoid),
    "Silu": numerical(jax.nn.silu),
    "Softplus": numerical(jax.nn.softplus),
    "Mish": numerical(jax.nn.mish),
    "GeluTanh": numerical(jax.nn.gelu),
}


def main(source, target):
    """Compute and save both kernels of each architecture."""
    task = json.loads(Path(source).read_text())
    kernels = {}
    for i, architecture in enumerate(task["architectures"]):
        x = inputs(task["seed"] + i, architecture["input"])
        try:
            _, _, kernel = build(architecture["layers"])
            found = kernel(x, None, ("nngp", "ntk"))._asdict()
        except Exception as error:
            print(f"neural-tangents fails: {error!r} for {json.dumps(architecture)}")
            found = dict.fromkeys(("nngp", "ntk"), np.full((len(x), len(x)), np.nan))
        for name, value in found.items():
            kernels[f"{name}{i}"] = np.asarray(value)
    np.savez(target, **kernels)


main(*sys.argv[1:])
