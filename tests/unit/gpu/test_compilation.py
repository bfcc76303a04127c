"""Kernels for a GPU, compiled by NVIDIA's compiler without one: their types fit, and float32 stays float32."""

import re
import subprocess
import sys

import pytest

pytest.importorskip("numba_cuda", reason="Numba has no kernels for GPUs on this system")

CODE = """
import sys
from types import SimpleNamespace

import numba.cuda.dispatcher
from numba import cuda, float64, from_dtype, int32, int64, types
import numpy as np

from widelimit.gpu.places import Geometry
from widelimit.gpu.walk import walk

# Functions of a device ask which one is there.
hopper = 9, 0
numba.cuda.dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=hopper)
real, pooled = from_dtype(np.dtype(sys.argv[1])), sys.argv[2] == "pooled"
array = lambda kind, axes: types.Array(kind, axes, "C")
sources = (array(real, 6), array(real, 1)) if pooled else (array(real, 3), array(real, 3))
geometry = types.NamedUniTuple(int64, len(Geometry._fields), Geometry)
signature = types.void(
    geometry, array(int32, 2), array(real, 2), array(int32, 2), *sources, array(real, 2), array(real, 2),
    array(real, 6), array(float64, 4),
)
print(cuda.compile_ptx(walk(sys.argv[1], pooled=pooled).py_func, signature, cc=hopper)[0])
"""


@pytest.mark.thorough(but=("pooled-float32",))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("start", ["products", "pooled"])
def test_kernels_compile(monkeypatch, dtype, start):
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM")
    command = [sys.executable, "-c", CODE, dtype, start]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    doubles = set(re.findall(r"\b([a-z]+(?:\.[a-z]+)*)\.f64", done.stdout))
    sums = {"mov", "cvt", "add", "st.shared", "ld.shared", "st.global"}  # over positions
    assert "fma.rn.f32" in done.stdout or dtype == "float64"
    assert doubles <= sums or dtype == "float64", doubles
