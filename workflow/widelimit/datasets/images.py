"""Prepared data sets as images; those on disk are read a few at a time."""

from __future__ import annotations

import dataclasses

import numpy as np
import xarray as xr

from widelimit.errors import InputError

__all__ = ["StoredImages", "images", "labels", "sides"]


@dataclasses.dataclass(frozen=True)
class StoredImages:
    """Images of an open file, of which a slice is read when it is asked for (`kernels.sides.Rows`).

    Attributes:
        x: rows of features, of which these are some.
        rows: which.
        image: height, width and channels.
    """

    x: xr.DataArray
    rows: range
    image: tuple[int, int, int]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape (n, height, width, channels)."""
        return len(self.rows), *self.image

    @property
    def dtype(self) -> np.dtype:
        """Type of the features."""
        return self.x.dtype

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice) -> np.ndarray:
        rows = self.rows[part]
        return self.x[rows.start : rows.stop].values.reshape(-1, *self.image)


def images(data: xr.Dataset) -> np.ndarray:
    """The inputs of a prepared data set as images, shape (n, height, width, channels)."""
    return data.x.values.reshape(data.sizes["sample"], *_image(data))


def labels(data: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Classes of the training and of the test samples of a prepared data set, from its targets."""
    y = data.y_clean.values
    classes = np.argmax(y, axis=1) if y.shape[1] > 1 else (y[:, 0] > 0).astype(int)
    is_test = data.split.values == "test"
    return classes[~is_test], classes[is_test]


def sides(data: xr.Dataset, half: str) -> tuple[StoredImages, StoredImages | None]:
    """The two sides of a kernel of images.

    Args:
        data: a prepared data set, which has its training samples first; of one on disk nothing is read.
        half: "train" for training images with themselves, "test" for test images with training images.
    """
    n, train = data.sizes["sample"], int(np.sum(data.split.values == "train"))
    first, second = (
        StoredImages(data.x, rows, _image(data)) for rows in (range(train), range(train, n))
    )
    return (second, first) if half == "test" else (first, None)


def _image(data: xr.Dataset) -> tuple[int, int, int]:
    if "image" not in data.attrs:
        raise InputError(
            f"{data.attrs['origin']}: these are no images, which a convolutional network takes; name a fully "
            "connected one for this data set."
        )
    height, width, channels = map(int, data.attrs["image"])
    return height, width, channels
