"""What the tests share: reference values, double precision, small networks."""

from __future__ import annotations

import json
import os
from pathlib import Path

# Tests run side by side: one thread each, before any library counts the cores.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402

from widelimit.precision import precision  # noqa: E402

REFERENCE = json.loads(Path(__file__).with_name("reference_values.json").read_text())


def pytest_generate_tests(metafunc):
    """Run a test once for each reference value whose id starts with the prefix of its marker."""
    marker = metafunc.definition.get_closest_marker("reference")
    if marker:
        chosen = [r for r in REFERENCE if r["id"].startswith(marker.args)]
        assert chosen, f"no reference values start with {marker.args}"
        metafunc.parametrize("reference", chosen, ids=[r["id"] for r in chosen])


def pytest_collection_modifyitems(items):
    """The tests of the pipeline take longest: they start first, each file in one process."""
    items.sort(key=lambda item: "workflow" not in item.path.parts)


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
