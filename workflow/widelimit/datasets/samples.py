"""What every source of data hands over: samples before splitting and standardising."""

from __future__ import annotations

import dataclasses

import numpy as np

from widelimit.errors import InputError

__all__ = ["Samples"]


@dataclasses.dataclass(frozen=True)
class Samples:
    """Inputs with targets.

    Attributes:
        x: inputs, shape (n, d), floating point.
        y: targets: shape (n, o) floating point, or class numbers, shape (n,) integer.
        origin: where they come from, in words, with a citation.
        classes: names of the classes; empty for regression.
        is_test: the source's own test set, shape (n,) boolean; None if it has none.
        image: (height, width, channels) where the features are those of images, row by row; None if they are not.
    """

    x: np.ndarray
    y: np.ndarray
    origin: str
    classes: tuple[str, ...] = ()
    is_test: np.ndarray | None = None
    image: tuple[int, int, int] | None = None

    def __post_init__(self) -> None:
        if self.x.ndim != 2 or len(self.x) != len(self.y) or len(self.x) == 0:
            raise InputError(
                f"data set has inputs of shape {self.x.shape} and targets of shape {self.y.shape}; "
                "expected (samples, features) and as many targets, at least one."
            )
        for name, values in (("inputs", self.x), ("targets", self.y)):
            bad = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(axis=1))
            if len(bad):
                raise InputError(
                    f"{len(bad)} samples have NaN or infinite {name} (the first is number "
                    f"{bad[0]}); drop or impute them."
                )

    def take(self, index: np.ndarray) -> Samples:
        """The samples at ``index``."""
        is_test = None if self.is_test is None else self.is_test[index]
        return dataclasses.replace(self, x=self.x[index], y=self.y[index], is_test=is_test)
