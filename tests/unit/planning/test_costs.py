import pytest

from widelimit.planning.costs import costs
from widelimit.planning.device import Device, Speed

SPEED = Speed(pairs_per_second=1000, tile=100)
MACHINE = Device(
    description="a machine",
    memory=2**35,
    flops=1e11,
    speeds={"net": SPEED},
    widelimit="0",
    date="today",
)


def test_pairs_tiles_and_bytes_are_those_of_the_upper_triangle_and_of_the_test_samples():
    found = costs(MACHINE, SPEED, 1000, test=50)
    assert found.pairs == 500_500 + 50_000
    assert found.tiles == 55 + 10
    assert found.bytes == 4 * found.pairs
    assert found.hours == pytest.approx(found.pairs / 3.6e6)


def test_factors_are_taken_while_they_fit():
    found = costs(MACHINE, SPEED, 60_000)
    assert found.solver == "Cholesky"
    assert found.solve_bytes == pytest.approx(8 * 60_000**2, rel=1e-2)
    assert found.solve_hours == pytest.approx(60_000**3 / 3e11 / 3600)


def test_beyond_memory_iterations_read_the_kernel():
    found = costs(MACHINE, SPEED, 1_000_000, reading=1e9)
    assert found.solver == "conjugate gradients"
    assert found.solve_hours == pytest.approx(100 * 2e12 / 1e9 / 3600, rel=1e-5)
    assert found.solve_bytes < 2**35
