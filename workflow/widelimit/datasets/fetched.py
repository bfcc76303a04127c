"""Standard image sets that are downloaded, or read from a local file or folder instead."""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from widelimit.datasets.downloads import fetch
from widelimit.datasets.samples import Samples
from widelimit.errors import InputError

__all__ = ["FETCHED", "load_fetched"]

_MNIST_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
_CIFAR_ARCHIVE = "cifar-10-python.tar.gz"

FETCHED: dict[str, dict[str, tuple[str, str]]] = {
    "mnist": {
        name: (f"https://ossci-datasets.s3.amazonaws.com/mnist/{name}", f"md5:{md5}")
        for name, md5 in zip(
            _MNIST_FILES,
            (
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "9fb629c4189551a2d022fa330f9573f3",
                "ec29112dd5afa0611ce80d1b7f02629c",
            ),
            strict=True,
        )
    },
    "fashion_mnist": {
        name: (
            f"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{name}",
            f"md5:{md5}",
        )
        for name, md5 in zip(
            _MNIST_FILES,
            (
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310",
            ),
            strict=True,
        )
    },
    "cifar10": {
        _CIFAR_ARCHIVE: (
            f"https://www.cs.toronto.edu/~kriz/{_CIFAR_ARCHIVE}",
            "md5:c58f30108f718f92721af3b95e74349a",
        )
    },
}
"""Files with their address and checksum for each source."""

_ORIGIN = {
    "mnist": "MNIST, LeCun et al. 1998",
    "fashion_mnist": "Fashion-MNIST, Xiao, Rasul and Vollgraf 2017",
    "cifar10": "CIFAR-10, Krizhevsky 2009",
}


def load_fetched(source: str, path: str | None = None) -> Samples:
    """Load a source of `FETCHED`, from ``path`` if it is given and from the network if not.

    Args:
        source: name of the source.
        path: a folder that holds the source's files as published, one such archive, or an ``.npz``
            file with ``x_train, y_train, x_test, y_test``.
    """
    if path is None:
        arrays = _read_published(source, fetch(source, FETCHED[source]))
    else:
        arrays = _read_local(source, Path(path))
    x_train, y_train, x_test, y_test = arrays
    x = np.concatenate([x_train, x_test])
    return Samples(
        x.reshape(len(x), -1).astype(float),
        np.concatenate([y_train, y_test]).astype(int),
        _ORIGIN[source] + (f", from the local file {Path(path).name}" if path else ""),
        tuple(str(i) for i in range(10)),
        np.arange(len(x)) >= len(x_train),
        _image_shape(x.shape[1:]),
    )


def _image_shape(shape: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Height, width and channels; grey images may lack the last, and a user's file may hold plain features."""
    if len(shape) < 2:
        return None
    height, width, channels = (*shape, 1)[:3]
    if channels > 4:
        raise InputError(
            f"images have shape {shape}, expected (height, width) or (height, width, channels): channels come last."
        )
    return height, width, channels


def _read_local(source: str, path: Path) -> list[np.ndarray]:
    if not path.exists():
        raise InputError(f"{path} is not there: check `path` of the data set {source!r}.")
    if path.suffix == ".npz":
        return _read_npz(path)
    if path.is_file() and list(FETCHED[source]) != [path.name]:
        raise InputError(
            f"{path} is one file, and {source!r} is {', '.join(FETCHED[source])}: give their folder, or "
            "an .npz file."
        )
    folder = path if path.is_dir() else path.parent
    files = {name: folder / name for name in FETCHED[source]}
    missing = [name for name, file in files.items() if not file.exists()]
    if missing:
        raise InputError(f"{folder} lacks {', '.join(missing)}, which make up {source!r}.")
    return _read_published(source, files)


def _read_npz(path: Path) -> list[np.ndarray]:
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = set(names) - set(file.files)
            if missing:
                raise InputError(f"{path} lacks the arrays {sorted(missing)}; it has {file.files}.")
            return [file[name] for name in names]
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read as .npz ({error}): is it damaged?") from error


def _read_published(source: str, files: dict[str, Path]) -> list[np.ndarray]:
    try:
        if source == "cifar10":
            return _read_cifar(files[_CIFAR_ARCHIVE])
        return [_read_idx(files[name]) for name in _MNIST_FILES]
    except (
        OSError,
        EOFError,
        ValueError,
        KeyError,
        IndexError,
        zlib.error,
        pickle.UnpicklingError,
        tarfile.TarError,
    ) as error:
        raise InputError(
            f"the files of {source!r} are damaged ({error}): remove them and run again."
        ) from error


def _read_idx(path: Path) -> np.ndarray:
    """The IDX format of LeCun: a header of magic number and sizes, then unsigned bytes."""
    data = gzip.decompress(path.read_bytes())
    n_axes = data[3]
    shape = np.frombuffer(data, ">u4", n_axes, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * n_axes).reshape(shape)


def _read_cifar(path: Path) -> list[np.ndarray]:
    """Images as (n, 32, 32, 3), labels as (n,), from the published archive."""
    with tarfile.open(path) as archive:
        batches = [
            _ArrayUnpickler(io.BytesIO(_member(archive, name)), encoding="bytes").load()
            for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
        ]
    images = [b[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1) for b in batches]
    labels = [np.asarray(b[b"labels"]) for b in batches]
    return [np.concatenate(images[:5]), np.concatenate(labels[:5]), images[5], labels[5]]


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(f"cifar-10-batches-py/{name}")
    if file is None:
        raise KeyError(name)
    return file.read()


class _ArrayUnpickler(pickle.Unpickler):
    """Reads arrays and plain containers, and refuses everything that could run code."""

    _ALLOWED = frozenset(
        {("numpy", "dtype"), ("numpy", "ndarray"), ("_codecs", "encode")}
        | {(f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")}
    )

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._ALLOWED:
            raise pickle.UnpicklingError(
                f"the file asks for {module}.{name}, which data never needs"
            )
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)
