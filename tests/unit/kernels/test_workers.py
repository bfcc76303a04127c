import os
import subprocess
import sys
import threading
import time

import jax
import jax.numpy as jnp
import pytest

from widelimit.kernels.devices import devices, threads
from widelimit.kernels.workers import in_order


def test_results_come_in_order_and_few_are_waiting():
    started = []

    def work(i):
        started.append(i)
        time.sleep(0.01 if i % 3 == 0 else 0)
        return i * i

    most = 2 * sum(map(threads, devices()))  # that many wait or are in work
    for i, result in enumerate(in_order(work, range(500), "float32")):
        assert result == i * i
        assert len(started) <= i + 1 + most


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_threads_have_the_precision(dtype):
    def work(_):
        assert threading.current_thread() is not threading.main_thread()
        return jnp.ones(()).dtype

    assert list(in_order(work, range(3), dtype)) == [dtype] * 3
    assert jnp.ones(()).dtype == "float32"


def test_the_first_failure_is_raised_and_ends_the_work():
    started = []

    def work(i):
        started.append(i)
        if i == 2:
            raise ValueError("number 2")
        return i

    with pytest.raises(ValueError, match="number 2"):
        list(in_order(work, range(1000), "float32"))
    assert len(started) < 100


def test_the_device_that_the_caller_chose_is_used():
    for chosen in (jax.devices()[0], "cpu"):
        with jax.default_device(chosen):
            (device,) = in_order(lambda _: jnp.ones(3).device, [0], "float32")
        assert device == jax.devices()[0]


SEVERAL = """
import time, numpy as np, jax
from widelimit import kernels
from widelimit.kernels import task
from widelimit.networks import Dense, Gabor, Serial

used, evaluated = set(), task.evaluate

def evaluate(*args, **options):
    found = evaluated(*args, **options)
    used.add(found.ntk.device)
    time.sleep(0.02)
    return found

task.evaluate = evaluate
x = np.random.default_rng(0).standard_normal((20, 4))
net = Serial(Dense(1), Gabor(), Dense(1)) # not one for compiled code
found = kernels.compute(net, x, tile=5)
assert used == set(jax.devices()) and len(used) == 3, used
with jax.default_device(jax.devices()[1]):
    used.clear()
    one = kernels.compute(net, x, tile=5)
assert used == {jax.devices()[1]}, used
assert np.array_equal(one.ntk, found.ntk)
"""


def test_all_devices_of_the_process_work():
    flags = "--xla_force_host_platform_device_count=3"
    environment = {**os.environ, "XLA_FLAGS": flags, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", SEVERAL], env=environment, check=True)
