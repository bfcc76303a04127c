"""A plan as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from widelimit.planning.costs import ITERATIONS, Costs
from widelimit.planning.device import Device

__all__ = ["plan_table"]


def plan_table(key: str, device: Device, plans: Sequence[Costs], jobs: int) -> Table:
    """One column for each number of samples.

    Args:
        key: network, inputs and precision.
        device: the machine.
        plans: its costs.
        jobs: that share the tiles, on one machine each.
    """
    speed = device.speed(key).pairs_per_second
    table = Table(
        "", *(f"{plan.samples:,} samples" for plan in plans), title=f"{key}: {speed:,.4g} pairs/s on {device.description}",
        caption=f"measured {device.date} with widelimit {device.widelimit}",
    )  # fmt: skip
    for column in table.columns[1:]:
        column.justify = "right"
    rows = {
        "pairs": lambda p: f"{p.pairs:.3g}",
        "tiles": lambda p: f"{p.tiles:,}",
        "machine hours": lambda p: _hours(p.hours),
        f"each of {jobs} jobs": lambda p: _time(p.hours / jobs),
        "disk, one kernel": lambda p: _size(p.bytes),
        "solver": lambda p: p.solver,
        f"solving (of iterations: {ITERATIONS})": lambda p: _time(p.solve_hours),
        "memory of the solver": lambda p: _size(p.solve_bytes),
    }
    for name, text in rows.items():
        table.add_row(name, *map(text, plans))
    return table


def _hours(hours: float) -> str:
    return f"{hours:,.1f}" if hours < 100 else f"{hours:,.0f}"


def _time(hours: float) -> str:
    for unit, length in (("years", 8766), ("days", 24), ("h", 1), ("min", 1 / 60)):
        if hours >= 1.5 * length:
            return f"{hours / length:,.1f} {unit}"
    return f"{hours * 3600:.2g} s"


def _size(count: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.3g} PiB"
