"""Where the kernels of a block or tile go."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = ["Place"]


class Place(NamedTuple):
    """Arrays for kernels, by their names.

    Attributes:
        values: of the samples of rows with those of columns, or of pairs of samples.
        mirror: for their transposes; empty if these go nowhere.
        triangle: rows and columns are the same samples, so that the lower triangle is the mirrored upper one.
    """

    values: dict[str, np.ndarray]
    mirror: dict[str, np.ndarray] = {}  # noqa: RUF012
    triangle: bool = False

    @classmethod
    def square(cls, values: dict[str, np.ndarray]) -> Place:
        """Of the same samples on both sides, whose mirror they are themselves."""
        return cls(values, values, triangle=True)

    def part(self, rows: slice, columns: slice) -> Place:
        """That of some rows and columns."""
        return Place(
            {name: x[rows, columns] for name, x in self.values.items()},
            {name: x[columns, rows] for name, x in self.mirror.items()},
            self.triangle and rows == columns,
        )

    def put(self, kernels: Any) -> None:
        """Fill it from a tuple of kernels, which may have more rows and columns behind."""
        for name, here in self.values.items():
            kernel = np.asarray(getattr(kernels, name))[tuple(map(slice, here.shape))]
            here[...] = kernel
            if self.triangle:
                below = np.tri(len(here), k=-1, dtype=bool)
                np.copyto(here, kernel.T, where=below)
            elif self.mirror:
                self.mirror[name][...] = kernel.T
