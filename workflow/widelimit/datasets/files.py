"""The user's own data: .npz, .nc, .csv or .parquet."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from widelimit.datasets.samples import Samples
from widelimit.errors import InputError

__all__ = ["load_file"]


def load_file(path: str, *, target: list[str] | None = None, classes: bool = False) -> Samples:
    """Load inputs and targets from a file.

    Args:
        path: an ``.npz`` or ``.nc`` file with arrays ``x`` (samples, features) and ``y``
            (samples,) or (samples, outputs), or a ``.csv`` or ``.parquet`` table.
        target: the target columns of a table; by default its last column.
        classes: whether the target holds class numbers or class names.
    """
    file = Path(path)
    if not file.exists():
        raise InputError(f"{path} is not there: check `path` of the data set.")
    readers = {".npz": _npz, ".nc": _netcdf, ".csv": _table, ".parquet": _table}
    if file.suffix not in readers:
        raise InputError(f"{path} ends in {file.suffix!r}, expected one of {sorted(readers)}.")
    try:
        x, y = readers[file.suffix](file, target)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read ({error}): is it damaged?") from error
    origin = f"the user's file {file.name}"
    if not classes:
        if y.dtype.kind not in "iufb":
            raise InputError(
                f"{path}: the target holds text; say `has_classes: true` if it names classes."
            )
        return Samples(x, y.reshape(len(y), -1).astype(float), origin)
    unknown = np.flatnonzero(pd.isna(y.ravel()))
    if len(unknown):
        raise InputError(
            f"{path}: {len(unknown)} samples have no class; the first is number {unknown[0]}. Drop them."
        )
    if y.ndim > 1 and y.shape[1] > 1:
        raise InputError(f"{path}: classes are one column, got {y.shape[1]}.")
    names, numbers = np.unique(y.ravel().astype(str), return_inverse=True)
    return Samples(x, numbers, origin, tuple(str(name) for name in names))


def _npz(path: Path, _target: list[str] | None) -> tuple[np.ndarray, np.ndarray]:
    with np.load(path, allow_pickle=False) as arrays:
        if not {"x", "y"} <= set(arrays.files):
            raise InputError(f"{path} holds {arrays.files}, expected the arrays x and y.")
        return _flat(arrays["x"]), arrays["y"]


def _netcdf(path: Path, _target: list[str] | None) -> tuple[np.ndarray, np.ndarray]:
    with xr.open_dataset(path, engine="netcdf4") as arrays:
        if not {"x", "y"} <= set(arrays.variables):
            raise InputError(f"{path} holds {list(arrays.variables)}, expected x and y.")
        return _flat(arrays["x"].values), arrays["y"].values


def _table(path: Path, target: list[str] | None) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    target = target or [str(table.columns[-1])]
    missing = set(target) - set(table.columns)
    if missing:
        raise InputError(f"{path} has no column {sorted(missing)}; it has {list(table.columns)}.")
    inputs = table.drop(columns=target)
    for name, column in inputs.items():
        numbers = pd.to_numeric(column, errors="coerce")
        bad = np.flatnonzero(numbers.isna())
        if len(bad):
            # Row 1 of a table is its header, as a spreadsheet counts.
            raise InputError(
                f"{path}: column {name!r} has {len(bad)} entries that are not numbers; the first is "
                f"{column.iloc[bad[0]]!r} in row {bad[0] + 2}. Drop, impute or encode them."
            )
        inputs[name] = numbers
    if inputs.shape[1] == 0:
        raise InputError(f"{path} has no column beside the target {target}.")
    return inputs.to_numpy(float), table[target].to_numpy()


def _flat(x: np.ndarray) -> np.ndarray:
    if x.ndim < 2 or x.dtype.kind not in "iufb":
        raise InputError(
            f"x has shape {x.shape} and type {x.dtype}, expected numbers (samples, …)."
        )
    return x.reshape(len(x), -1).astype(float)
