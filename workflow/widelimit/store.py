"""Labelled arrays on disk: NetCDF files that say what they hold, and are there whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

__all__ = ["array", "atomic", "compute_chunks", "open_chunks", "read", "sha256", "stack", "write"]

_CHUNK = 2**20
"""Bytes that are compressed together, about."""


def array(
    values: Any, dims: str | Sequence[str], long_name: str, units: str = "1", **attrs: Any
) -> xr.Variable:
    """An array with its dimensions, its name in words and its units ("1" if it has none)."""
    dims = (dims,) if isinstance(dims, str) else tuple(dims)
    values = np.asarray(values)
    if values.ndim != len(dims):
        raise ValueError(f"{long_name!r} has {values.ndim} axes, but dims are {dims}.")
    return xr.Variable(dims, values, {"long_name": long_name, "units": units, **attrs})


def stack(
    dim: str, parts: Mapping[Any, xr.Dataset], long_name: str, units: str = "1"
) -> xr.Dataset:
    """Data sets of one shape along a new labelled dimension."""
    labels = xr.DataArray(list(parts), dims=dim, name=dim)
    labels.attrs.update(long_name=long_name, units=units)
    return xr.concat(list(parts.values()), labels, combine_attrs="override")


def write(
    dataset: xr.Dataset, path: str | Path, *, compress: bool = True, alone: bool = True
) -> None:
    """Write a data set to a NetCDF-4 file, whole or not at all.

    Every variable must have ``long_name`` and ``units``; integers, floats and strings keep their
    type. The same data give the same bytes.

    Args:
        dataset: the data.
        path: where they go.
        compress: compress large arrays; kernels are as good as incompressible.
        alone: as in `atomic`.
    """
    for name, variable in dataset.variables.items():
        missing = {"long_name", "units"} - set(variable.attrs)
        if missing:
            raise ValueError(f"variable {name!r} has no {' and no '.join(sorted(missing))}.")
    encoding: dict[Hashable, dict[str, Any]] = {
        name: {"zlib": True, "complevel": 1, "chunksizes": _chunk(variable)}
        for name, variable in dataset.variables.items()
        if compress and variable.size > 10_000 and variable.dtype.kind in "iuf"
    }
    dataset = dataset.assign_attrs(Conventions="CF-1.11")
    with atomic(path, alone=alone) as temporary:
        dataset.to_netcdf(temporary, engine="netcdf4", encoding=encoding)


def _chunk(variable: xr.Variable) -> tuple[int, ...]:
    """Whole rows that are compressed together, so that to read some no others are unpacked."""
    rows, *rest = variable.shape
    return min(rows, max(1, _CHUNK * rows // variable.nbytes)), *rest


def read(path: str | Path) -> xr.Dataset:
    """Read a NetCDF file into memory."""
    return xr.load_dataset(path, engine="netcdf4")


@contextlib.contextmanager
def atomic(path: str | Path, *, alone: bool = True) -> Iterator[Path]:
    """Write to the temporary path given; it takes the final name only when the block succeeds.

    A full disk, an exception or a kill leaves what was there before.

    Args:
        path: the final name.
        alone: no other process writes it now, so that what a killed one has left can go.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left_over in path.parent.glob(f".{glob.escape(path.name)}.*.part") if alone else ():
        left_over.unlink()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sha256(path: str | Path) -> str:
    """The SHA-256 digest of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compute_chunks(
    manifest: str | Path,
    names: Sequence[str],
    compute: Callable[[str], xr.Dataset],
    recipe: Mapping[str, Any],
) -> list[Path]:
    """Compute an array in chunks, each a file of its own; a kill loses at most the chunk in work.

    Chunks that exist already and were made by the same recipe are kept. The manifest, which names
    all chunks with their digests, is written last.

    Args:
        manifest: path of the manifest; the chunks stand in a folder beside it with the same stem.
        names: names of the chunks.
        compute: makes the chunk of that name.
        recipe: all that determines the values; chunks of another recipe are computed again.

    Returns:
        The paths of the chunk files.
    """
    manifest = Path(manifest)
    folder = manifest.with_suffix("")
    digest = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    paths = [folder / f"{name}.nc" for name in names]
    for name, path in zip(names, paths, strict=True):
        if _recipe(path) != digest:
            write(compute(name).assign_attrs(recipe=digest), path)
    for left_over in set(folder.glob("*.nc")) - set(paths):
        left_over.unlink()
    entries = [{"file": f"{folder.name}/{path.name}", "sha256": sha256(path)} for path in paths]
    with atomic(manifest) as temporary:
        temporary.write_text(json.dumps({"recipe": digest, "chunks": entries}, indent=1) + "\n")
    return paths


def open_chunks(manifests: Sequence[str | Path]) -> xr.Dataset:
    """All chunks of some manifests as one lazy data set, joined along their coordinates."""
    paths = [
        Path(manifest).parent / chunk["file"]
        for manifest in manifests
        for chunk in json.loads(Path(manifest).read_text())["chunks"]
    ]
    return xr.open_mfdataset(
        paths, combine="by_coords", engine="netcdf4", combine_attrs="drop", join="outer",
        data_vars="minimal", coords="minimal", compat="override",
    )  # fmt: skip


def _recipe(path: Path) -> str | None:
    """The recipe of a chunk, or None if there is no whole chunk at this path."""
    if not path.exists():
        return None
    try:
        with xr.open_dataset(path, engine="netcdf4") as chunk:
            return chunk.attrs.get("recipe")
    except (OSError, RuntimeError):
        return None
