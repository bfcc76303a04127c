"""The cases of neural-tangents; runs in the peer's own environment."""

import sys
import types
import warnings
from functools import partial

import jax

warnings.filterwarnings("ignore")
# The sub-package needs TensorFlow; nothing else does.
sys.modules["neural_tangents.experimental"] = types.ModuleType("neural_tangents.experimental")

import neural_tangents  # noqa: E402
from cases import (  # noqa: E402
    ACTIVATIONS,
    BLOCK,
    DEPTHS,
    DTYPES,
    IMAGES,
    SCALES,
    data,
    image_name,
    image_pairs,
    images,
    name_of,
)
from neural_tangents import stax  # noqa: E402

LAYERS = {
    "relu": stax.Relu,
    "erf": stax.Erf,
    "gelu": stax.Gelu,
    "tanh": lambda: stax.ElementwiseNumerical(jax.numpy.tanh, deg=25),
}


def perceptron(activation, depth):
    dense = partial(stax.Dense, 1, W_std=SCALES["w_std"], b_std=SCALES["b_std"])
    hidden = [layer() for _ in range(depth) for layer in (dense, LAYERS[activation])]
    return stax.serial(*hidden, dense())[2]


def kernel(activation, dtype, depth=5, n=None):
    """NNGP and NTK, compiled as one function of the inputs."""
    jax.config.update("jax_enable_x64", dtype == "float64")
    network = perceptron(activation, depth)
    compiled = (
        neural_tangents.batch(network, BLOCK)
        if activation == "tanh"
        else jax.jit(network, static_argnums=2)
    )
    x = jax.numpy.asarray(data(n or ACTIVATIONS[activation], dtype))
    return lambda: jax.block_until_ready(compiled(x, None, ("nngp", "ntk"))).ntk


def convolutional(name, dtype):
    """NNGP and NTK of images."""
    jax.config.update("jax_enable_x64", dtype == "float64")
    blocks, readout, _ = IMAGES[name]
    scales = {"W_std": SCALES["w_std"], "b_std": SCALES["b_std"]}
    conv = stax.Conv(1, (3, 3), padding="SAME", **scales)
    pool = stax.AvgPool((2, 2), (2, 2))
    layers = [part for count in blocks for part in (*(conv, stax.Relu()) * count, pool)][:-1]
    end = stax.Flatten() if readout == "flat" else stax.GlobalAvgPool()
    network = jax.jit(stax.serial(*layers, end, stax.Dense(1, **scales))[2], static_argnums=2)
    n1, n2 = image_pairs(name, peer=True)
    x = jax.numpy.asarray(images(n2, dtype))
    return lambda: jax.block_until_ready(network(x[:n1], x, ("nngp", "ntk"))).ntk


CASES = {name_of(a, t): partial(kernel, a, t) for a in ACTIVATIONS for t in DTYPES}
CASES |= {image_name(n, t): partial(convolutional, n, t) for n in IMAGES for t in DTYPES}
CASES |= {f"{depth} layers": partial(kernel, "relu", "float64", depth, 8) for depth in DEPTHS}
