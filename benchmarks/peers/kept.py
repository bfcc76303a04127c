"""Kernels of many architectures, each in a file as soon as it is there: a run that was stopped goes on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

__all__ = ["Kept"]


class Kept:
    """The folder beside a file that is to hold all of them.

    Args:
        target: that file.
    """

    def __init__(self, target: str):
        self.target, self.folder = Path(target), Path(target).with_suffix("")
        self.folder.mkdir(exist_ok=True)

    def missing(self, indices: Iterable[int]) -> list[int]:
        """Numbers of the architectures that are not there yet."""
        return [i for i in indices if not self._path(i).exists()]

    def add(self, i: int, kernels: dict[str, np.ndarray]) -> None:
        """Keep those of architecture ``i``, none if it was refused."""
        temporary = self.folder / f".{i}.npz"
        np.savez(temporary, **kernels)  # type: ignore[arg-type]
        temporary.replace(self._path(i))

    def join(self, indices: Iterable[int]) -> None:
        """Write all of them to one file."""
        kernels: dict[str, np.ndarray] = {}
        for i in indices:
            with np.load(self._path(i)) as part:
                kernels |= dict(part)
        np.savez(self.target, **kernels)  # type: ignore[arg-type]

    def _path(self, i: int) -> Path:
        return self.folder / f"{i}.npz"
