"""Products with a kernel that lies in a folder, which is read file by file and never held."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from widelimit.errors import InputError
from widelimit.kernels.archive import Archive

__all__ = ["KernelOnDisk"]


class KernelOnDisk:
    """A symmetric kernel that `kernels.compute` wrote to a folder.

    Args:
        folder: the folder.
        name: "ntk" or "nngp".

    Attributes:
        n: number of samples.
    """

    def __init__(self, folder: str | Path, name: str = "ntk") -> None:
        archive = Archive.found(folder)
        if archive is None or not archive.grid.symmetric or name not in archive.manifest["get"]:
            raise InputError(
                f"{folder} holds no {name} of samples with themselves: compute one by `kernels.compute(net, x, "
                f"get={name!r}, out=folder)`."
            )
        if archive.missing():
            raise InputError(
                f"{folder} is not finished: call `kernels.compute` again, it goes on where it stopped."
            )
        self._archive, self._name = archive, name
        self.n = archive.grid.rows.n

    def __len__(self) -> int:
        return self.n

    def __matmul__(self, weights: np.ndarray) -> np.ndarray:
        """K times weights of shape (n, outputs); each file is read once, and stands for both its places."""
        if weights.ndim != 2 or len(weights) != self.n:
            raise InputError(f"weights have shape {weights.shape}, expected ({self.n}, outputs).")
        found = np.zeros((self.n, weights.shape[1]))
        for block in self._archive.grid.blocks():
            part = self._read(block.i, block.j)
            found[block.rows] += part @ weights[block.columns]
            if block.i != block.j:
                found[block.columns] += part.T @ weights[block.rows]
        return found

    def columns(self, count: int) -> np.ndarray:
        """K between all samples and the first ``count`` of them, shape (n, count)."""
        if not 1 <= count <= self.n:
            raise InputError(f"count is {count}, expected 1 to {self.n}, the number of samples.")
        grid = self._archive.grid
        found = np.empty((self.n, count))
        for j, columns in enumerate(_spans(grid.chunks[1])):
            if columns.start >= count:
                break
            for i, rows in enumerate(_spans(grid.chunks[0])):
                part = self._read(i, j)[:, : count - columns.start]
                found[rows, columns.start : columns.start + part.shape[1]] = part
        return found

    def _read(self, i: int, j: int) -> np.ndarray:
        return self._archive.read(self._name, i, j).astype(float)


def _spans(lengths: tuple[int, ...]) -> list[slice]:
    ends = np.cumsum(lengths).tolist()
    return [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]
