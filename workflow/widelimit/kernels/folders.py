"""Kernels that are computed into a folder, all of them or one share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import widelimit
from widelimit.kernels.archive import FORMAT, Archive
from widelimit.kernels.identity import describe, digest
from widelimit.kernels.places import Place
from widelimit.kernels.task import Task
from widelimit.kernels.tiles import Block

__all__ = ["to_folder"]


def to_folder(
    task: Task, folder: str | Path, *, adopt: bool, share: tuple[int, int] | None = None
) -> Archive:
    """Compute what the folder lacks.

    Args:
        task: the kernels.
        folder: where their files go.
        adopt: take the tiles that the folder has already.
        share: (part, parts) of its files; None is all of them.
    """
    found = Archive.found(folder)
    if adopt and found is not None:
        task = task._replace(tile=tuple(found.manifest["tile"]))
    archive = Archive(folder, _manifest(task))

    def place(block: Block) -> Place:
        values = task.empty(*block.shape)
        return Place.square(values) if task.grid.symmetric and block.i == block.j else Place(values)

    with archive.claimed(share) as missing:
        for block, values in task.blocks(missing, place):
            archive.write(block, values)
    return archive


def _manifest(task: Task) -> dict[str, Any]:
    """All that determines the numbers, and who computed them."""
    network, grid = describe(task.net), task.grid
    return {
        "format": FORMAT,
        "widelimit": widelimit.__version__,
        "network": network,
        "network_sha256": digest(network),
        "get": list(task.asked),
        "dtype": task.dtype,
        "tolerance": task.tolerance,
        "samples": list(grid.shape),
        "input_shape": list(task.x1.shape),
        "x1_sha256": task.x1.sha256(),
        "x2_sha256": None if task.x2 is None else task.x2.sha256(),
        "symmetric": grid.symmetric,
        "tile": [grid.rows.size, grid.columns.size],
    }
