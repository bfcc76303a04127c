"""Kernels of neural-tangents for given architectures; runs in the peer's own environment.

Usage: python theirs.py architectures.json kernels.npz
"""

import json
import sys
import types
import warnings
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


def dense(w_std, b_std):
    return stax.Dense(1, W_std=w_std, b_std=b_std)


def conv(window, padding, w_std, b_std):
    return stax.Conv(1, tuple(window), padding=padding, W_std=w_std, b_std=b_std)


def residual(branch):
    return stax.serial(
        stax.FanOut(2), stax.parallel(stax.Identity(), build(branch)), stax.FanInSum()
    )


LAYERS = {
    "Dense": dense,
    "Conv": conv,
    "Conv1x1": lambda w_std, b_std: conv((1, 1), "SAME", w_std, b_std),
    "Residual": residual,
    "AvgPool": lambda window, padding: stax.AvgPool(tuple(window), padding=padding),
    "SumPool": lambda window, padding: stax.SumPool(tuple(window), padding=padding),
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
}


def main(source, target):
    """Compute and save both kernels of each architecture."""
    task = json.loads(Path(source).read_text())
    kernels = {}
    for i, architecture in enumerate(task["architectures"]):
        x = inputs(task["seed"] + i, architecture["input"])
        _, _, kernel = build(architecture["layers"])
        for name, value in kernel(x, None, ("nngp", "ntk"))._asdict().items():
            kernels[f"{name}{i}"] = np.asarray(value)
    np.savez(target, **kernels)


main(*sys.argv[1:])
