"""What the tests share: reference values, how well they are met, double precision."""

from __future__ import annotations

import gc
import json
import os
import signal
from pathlib import Path

# Kernels for GPUs run in the simulator of Numba, which reads this when it is imported.
os.environ.setdefault("NUMBA_ENABLE_CUDASIM", "1")

# Tests run side by side: one thread each, before any library counts the cores.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
    os.environ.setdefault(name, "1")

# A shell starts background jobs with interrupts ignored, and so would be all processes that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

import jax  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

from widelimit.precision import precision  # noqa: E402

REFERENCE = json.loads(Path(__file__).with_name("reference_values.json").read_text())

ACCURACY = Path(__file__).with_name("accuracy.json")
"""Largest relative errors found, by version of JAX and by group of reference values."""


def pytest_addoption(parser):
    parser.addoption(
        "--accuracy", action="store_true", help=f"write this run's into {ACCURACY.name}"
    )
    parser.addoption("--thorough", action="store_true", help="run what takes long, and that alone")


def pytest_configure(config):
    if config.getoption("accuracy"):
        config.pluginmanager.register(Accuracy())


class Accuracy:
    """Writes the largest error of each group, which `agree` notes in whatever process."""

    def __init__(self):
        self.errors = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            for group, error in report.user_properties:
                self.errors[group] = max(error, self.errors.get(group, 0.0))

    def pytest_sessionfinish(self):
        known = json.loads(ACCURACY.read_text())
        found = {group: float(f"{e:.1e}") for group, e in self.errors.items()}
        # What a run of some tests has not measured stays.
        known[jax.__version__] = dict(sorted((known.get(jax.__version__, {}) | found).items()))
        ACCURACY.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


@pytest.fixture
def noted(request, record_property):
    """Note an error, and assert that it is no worse than what was found with this JAX before."""

    def note(group, error):
        record_property(group, float(error))
        if not request.config.getoption("accuracy"):
            known = json.loads(ACCURACY.read_text()).get(jax.__version__, {})
            # Processors and their libraries differ in the last digits.
            assert error <= 4 * known.get(group, np.inf) + 1e-14

    return note


@pytest.fixture
def agree(noted):
    """Assert that a value is that of its reference, and note the error, relative to it or to atol / rtol."""

    def check(group, found, expected, rtol, atol=0.0):
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)
        size = max(np.max(np.abs(expected)), atol / rtol)
        noted(group, np.max(np.abs(np.subtract(found, expected))) / size)

    return check


def pytest_generate_tests(metafunc):
    """Run a test once for each reference value whose id starts with the prefix of its marker."""
    marker = metafunc.definition.get_closest_marker("reference")
    if marker:
        chosen = [r for r in REFERENCE if r["id"].startswith(marker.args)]
        assert chosen, f"no reference values start with {marker.args}"
        metafunc.parametrize("reference", chosen, ids=[r["id"] for r in chosen])


def pytest_collection_modifyitems(config, items):
    """What takes longest starts first: the pipeline, then the science, each file in one process."""
    order = ("workflow", "science", "unit", "docs")
    if not config.getoption("accuracy"):
        thorough = config.getoption("thorough")
        items[:] = [i for i in items if not i.get_closest_marker("accuracy")]
        items[:] = [i for i in items if is_thorough(i) == thorough]
    items.sort(key=lambda item: order.index(item.path.relative_to(config.rootpath).parts[1]))


def is_thorough(item):
    """Whether a test is for thorough runs: all of it, ``only`` some of its cases, or all ``but`` some."""
    marker = item.get_closest_marker("thorough")
    if marker is None or not marker.kwargs:
        return marker is not None
    ((which, names),) = marker.kwargs.items()
    return item.callspec.id.startswith(names) == {"only": True, "but": False}[which]


@pytest.fixture(scope="module", autouse=True)
def few_programs():
    """Compiled programs go behind each file of tests, if many are there."""
    yield
    maps = Path("/proc/self/maps")
    # Each program takes several mappings of memory, of which a process may have 65,530: with one more it crashes.
    if maps.exists() and len(maps.read_bytes().splitlines()) > 15_000:
        jax.clear_caches()
        gc.collect()


@pytest.fixture
def double():
    """JAX computes in float64 inside the test."""
    with precision("float64"):
        yield


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def references():
    """The value of a reference by its id."""
    return {r["id"]: r["value"] for r in REFERENCE}
