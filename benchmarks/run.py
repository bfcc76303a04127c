"""Time and memory of the library's main calls, each beside the plain way to do the same.

``make bench`` prints a table; nothing is asserted. Each case runs in a process of its own, so that its peak
memory is its own, and compiles before it is timed.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console
from rich.table import Table

from widelimit import kernels, tangents
from widelimit.networks import mlp

REPEATS = 5

Case = Callable[[], object]


def ours_kernel(n: int, activation: str) -> Case:
    """NNGP and NTK of n samples, depth 3, float64."""
    x = np.random.default_rng(0).standard_normal((n, 64))
    return lambda: kernels.compute(mlp(activation, 3, w_std=1.4, b_std=0.1), x)


def plain_kernel(n: int) -> Case:
    """The same for ReLU as one writes it down in NumPy: whole matrices, arc cosine."""
    x = np.random.default_rng(0).standard_normal((n, 64))

    def run():
        k = 1.96 * x @ x.T / 64 + 0.01
        theta = k
        for _ in range(2):
            root = np.sqrt(np.outer(np.diag(k), np.diag(k)))
            c = np.clip(k / root, -1, 1)
            angle = np.arccos(c)
            dot = (np.pi - angle) / (2 * np.pi)
            k = 1.96 * root * (np.sin(angle) + (np.pi - angle) * c) / (2 * np.pi) + 0.01
            theta = k + 1.96 * dot * theta
        return k, theta

    return run


def _network(width: int):
    net = mlp("relu", 3, width=width, outputs=10)
    params = net.init(jax.random.key(0), (64,))
    return net, params, jax.random.normal(jax.random.key(1), (32, 64))


def ours_tangent(width: int) -> Case:
    """The empirical NTK of 32 samples and 10 outputs, depth 3, float32."""
    net, params, x = _network(width)
    compiled = jax.jit(lambda p, x: tangents.ntk(net, p, x))
    return lambda: jax.block_until_ready(compiled(params, x))


def plain_tangent(width: int) -> Case:
    """The same from full Jacobians."""
    net, params, x = _network(width)

    @jax.jit
    def compiled(params, x):
        jacobian = jax.jacrev(net.apply)(params, x)
        rows = [leaf.reshape(320, -1) for leaf in jax.tree.leaves(jacobian)]
        full = sum(row @ row.T for row in rows).reshape(32, 10, 32, 10)
        return jnp.einsum("sojo->sj", full) / 10

    return lambda: jax.block_until_ready(compiled(params, x))


CASES: dict[str, tuple[Callable[..., Case], ...]] = {
    "kernel, relu, n = 1000": (partial(ours_kernel, 1000, "relu"), partial(plain_kernel, 1000)),
    "kernel, relu, n = 4000": (partial(ours_kernel, 4000, "relu"), partial(plain_kernel, 4000)),
    "kernel, gelu, n = 1000": (partial(ours_kernel, 1000, "gelu"),),
    "tangent, width 256": (partial(ours_tangent, 256), partial(plain_tangent, 256)),
    "tangent, width 1024": (partial(ours_tangent, 1024), partial(plain_tangent, 1024)),
    "tangent, width 2048": (partial(ours_tangent, 2048), partial(plain_tangent, 2048)),
    "tangent, width 4096": (partial(ours_tangent, 4096),),
}
"""The library's way, and the plain way where it fits into memory."""


def measure(name: str, which: int) -> dict[str, float]:
    """Median seconds of a call after the first, and memory beyond what was there before it."""
    case = CASES[name][which]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    case()
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        case()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": statistics.median(seconds), "MiB": (peak - before) / 1024}


def _alone(name: str, which: int) -> dict[str, float]:
    """The measurement in a process of its own."""
    command = [sys.executable, __file__, name, str(which)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    title = (
        f"{platform.machine()}, {os.cpu_count()} cores, JAX {jax.__version__}, median of {REPEATS}"
    )
    table = Table("case", "seconds", "plain way", "ratio", "memory, MiB", "plain way", title=title)
    console = Console()
    for name, ways in CASES.items():
        with console.status(name):
            ours, *plain = (_alone(name, which) for which in range(len(ways)))
        row = [name, f"{ours['seconds']:.3g}", "", "", f"{ours['MiB']:.0f}", ""]
        if plain:
            row[2], row[5] = f"{plain[0]['seconds']:.3g}", f"{plain[0]['MiB']:.0f}"
            row[3] = f"{plain[0]['seconds'] / ours['seconds']:.2g}"
        table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        sys.stdout.write(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
