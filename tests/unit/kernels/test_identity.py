import functools
import json
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from widelimit.kernels.identity import describe, digest
from widelimit.networks import Conv, Dense, Elementwise, Residual, Serial, Tanh, mlp
from widelimit.networks.activations import Activation
from widelimit.networks.layer import layer

NETS = """
import jax, jax.numpy as jnp, functools
from widelimit.kernels.identity import describe, digest
from widelimit.networks import Conv, Dense, Elementwise, Residual, Serial

def wave(z, scale=2.0):
    return jnp.sin(scale * z) if "a" in {"a", "b", "c"} else z

def of(function):
    return Serial(Dense(3, 1.5), Elementwise(function), Residual(Conv(2, (3, 3))), Dense(1))

for f in (wave, jnp.arctan, jax.nn.silu, functools.partial(wave, scale=3.0), lambda z: z + 1):
    print(digest(describe(of(f))))
"""


def test_a_digest_is_the_same_in_every_process():
    digests = [
        subprocess.run(
            [sys.executable, "-c", NETS], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
        ).stdout.split()
        for seed in ("1", "2")
    ]  # fmt: skip
    assert digests[0] == digests[1]
    assert len(set(digests[0])) == 5


def scaled(by):
    return lambda z: by * jnp.tanh(z)


def test_what_changes_a_kernel_changes_the_digest():
    def power(z):
        return z**2

    def cube(z):
        return z**3

    cube.__qualname__ = power.__qualname__
    nets = [
        mlp("relu", 3), mlp("relu", 4), mlp("erf", 3), mlp("relu", 3, w_std=1.1),
        mlp("relu", 3, b_std=0.0), Tanh(), Tanh(order=64), Conv(3, (3, 3)), Conv(3, (3, 3), strides=2),
        Dense(1, np.float32(0.3)), Dense(1, 0.3), Dense(1, jnp.asarray(0.5)),
        *(Elementwise(f) for f in (power, cube, scaled(1.0), scaled(2.0), jnp.tanh, jnp.sinh)),
        Elementwise(functools.partial(jax.nn.gelu, approximate=True)), Residual(Dense(1)),
    ]  # fmt: skip
    assert len({digest(describe(net)) for net in nets}) == len(nets)
    assert digest(describe(mlp("relu", 3))) == digest(describe(mlp("relu", 3)))


def test_a_layer_of_the_users_is_known_by_its_methods():
    def double(self, z):
        return z * 2

    def triple(self, z):
        return z * 3

    first, same, other = (
        describe(layer(type("Mine", (Activation,), {"__call__": call}))())
        for call in (double, double, triple)
    )
    assert first == same
    assert first != other
    assert "code" not in describe(Tanh())


def test_a_description_is_json():
    net = Serial(Dense(3, jnp.asarray(1.5)), Elementwise(jnp.tanh), Dense(1))
    described = describe(net)
    assert json.loads(json.dumps(described)) == described


def test_what_cannot_be_described_is_refused():
    with pytest.raises(ValueError, match="no description that is the same in every process"):
        describe(Dense(1, object()))
