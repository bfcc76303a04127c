"""The cases of this library."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial

import jax
from cases import (
    ACTIVATIONS,
    CORNER,
    DEPTHS,
    DTYPES,
    IMAGES,
    SCALES,
    TOLERANCE,
    data,
    image_name,
    image_pairs,
    images,
    name_of,
)
from plain import tangent_network

from widelimit import kernels, tangents
from widelimit import networks as nets
from widelimit.networks import mlp

Case = Callable[[], object]

TO_DISK = {n: f"N = {n} to disk" for n in (10_000, 20_000, 60_000)}


def kernel(
    activation: str, dtype: str, depth: int = 5, n: int | None = None, tolerance: float = TOLERANCE
) -> Case:
    """NNGP and NTK in memory."""
    x = data(n or ACTIVATIONS[activation], dtype)
    net = mlp(activation, depth + 1, **SCALES)
    return lambda: kernels.compute(net, x, dtype=dtype, tolerance=tolerance, progress=False).ntk


def convolutional(name: str, dtype: str) -> Case:
    """NNGP and NTK of images."""
    blocks, readout, _ = IMAGES[name]
    conv = nets.Conv(1, (3, 3), **SCALES)
    layers = [
        part for count in blocks for part in (*(conv, nets.Relu()) * count, nets.AvgPool((2, 2), 2))
    ][:-1]
    end = nets.Flatten() if readout == "flat" else nets.GlobalAvgPool()
    net = nets.Serial(*layers, end, nets.Dense(1, **SCALES))
    n1, n2 = image_pairs(name, peer=False)
    x = images(n2, dtype)
    return lambda: kernels.compute(net, x[:n1], x, dtype=dtype, progress=False).ntk


def to_disk(n: int) -> Case:
    """The NTK of three hidden layers in float32, into a folder."""
    x, net = data(n, "float32"), mlp("relu", 4, **SCALES)

    def run():
        with tempfile.TemporaryDirectory() as out:
            kernels.compute(net, x, get="ntk", dtype="float32", out=out, progress=False)

    return run


def tangent(width: int) -> Case:
    """The empirical NTK of 32 samples and 10 outputs."""
    net, params, x = tangent_network(width)
    compiled = jax.jit(lambda p, x: tangents.ntk(net, p, x))
    return lambda: jax.block_until_ready(compiled(params, x))


CASES = {name_of(a, t): partial(kernel, a, t) for a in ACTIVATIONS for t in DTYPES}
CASES |= {
    f"{a}, exact": partial(kernel, a, "float64", n=CORNER, tolerance=1e-10) for a in ACTIVATIONS
}
CASES |= {f"{depth} layers": partial(kernel, "relu", "float64", depth, 8) for depth in DEPTHS}
CASES |= {image_name(n, t): partial(convolutional, n, t) for n in IMAGES for t in DTYPES}
CASES |= {name: partial(to_disk, n) for n, name in TO_DISK.items()}
CASES |= {f"tangent, width {w}": partial(tangent, w) for w in (256, 1024, 2048, 4096)}

ONCE = tuple(TO_DISK.values())
