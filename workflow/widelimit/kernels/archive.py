"""A kernel in a folder: one file for each block of tiles, and a manifest that says what they belong to."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import netCDF4
import numpy as np
import xarray as xr
from filelock import FileLock, Timeout
from xarray.backends.netCDF4_ import NETCDF4_PYTHON_LOCK

from widelimit.errors import InputError
from widelimit.kernels.identity import digest
from widelimit.kernels.tiles import Axis, Block, Grid
from widelimit.store import array, atomic, write

__all__ = ["FORMAT", "Archive", "open_archive"]

FORMAT = 2
"""Version of the format of these folders."""

_ABANDONED = 600.0
"""Seconds after which a temporary file is that of a process that was killed."""

_LONG_NAMES = {"nngp": "covariance of outputs at initialisation", "ntk": "neural tangent kernel"}
_DIMS = ("sample", "sample_other")
_log = logging.getLogger(__name__)


class Archive:
    """The folder of one kernel.

    ``manifest.json`` says what the kernel is of. ``tile-<i>-<j>.nc`` holds block (i, j) of it, for
    symmetric kernels on and above the diagonal only. Each file is there whole or not at all. Names that
    start with a dot are temporary.

    Args:
        folder: the folder.
        manifest: what determines the numbers, as JSON: ``samples`` (n1, n2), ``tile`` (rows, columns),
            ``symmetric``, ``get``, ``dtype`` and anything else.
    """

    def __init__(self, folder: str | Path, manifest: Mapping[str, Any]):
        self.folder = Path(folder)
        self.manifest = dict(manifest)
        self.digest = digest(self.manifest)
        rows, columns = map(Axis, manifest["samples"], manifest["tile"])
        self.grid = Grid(rows, columns, manifest["symmetric"])

    @classmethod
    def found(cls, folder: str | Path) -> Archive | None:
        """The archive that is in this folder, or None."""
        path = Path(folder) / "manifest.json"
        if not path.exists():
            return None
        try:
            manifest = json.loads(path.read_text())
        except ValueError as error:
            raise InputError(
                f"{path} is not JSON ({error}): delete the folder and compute again."
            ) from None
        if manifest.get("format") != FORMAT:
            raise InputError(
                f"{path} has format {manifest.get('format')!r}, expected {FORMAT}: read it with the "
                f"version of widelimit that wrote it ({manifest.get('widelimit')}), or compute again "
                "into another folder."
            )
        return cls(folder, manifest)

    @contextlib.contextmanager
    def claimed(self, share: tuple[int, int] | None = None) -> Iterator[list[Block]]:
        """The blocks that are missing, which no other process with the same share computes inside the ``with`` block.

        Args:
            share: (part, parts), see `Grid.share`. Processes with different shares do not wait for each other; where
                these overlap a block is computed twice, and either file is the right one.

        Raises:
            InputError: if the folder belongs to another kernel or has files that are not its own. It
                says what differs.
        """
        self._check()
        self.folder.mkdir(parents=True, exist_ok=True)
        with _locked(self.folder / ".".join(["", "lock", *map(str, share or ())])):
            with _locked(self.folder / ".lock.manifest", say=False):
                self._check()  # another process may have come first
                if not (self.folder / "manifest.json").exists():
                    with atomic(self.folder / "manifest.json") as temporary:
                        temporary.write_text(json.dumps(self.manifest, indent=1) + "\n")
            yield self.missing(None if share is None else self.grid.share(*share))
            self._sweep()

    def missing(self, blocks: Sequence[Block] | None = None) -> list[Block]:
        """Those of some blocks, or of all, whose files are not there."""
        there = {path.name for path in self.folder.glob("tile-*.nc")}
        wanted = self.grid.blocks() if blocks is None else blocks
        return [block for block in wanted if self._path(block.i, block.j).name not in there]

    def files(self, blocks: Iterable[Block]) -> list[Path]:
        """The files of some blocks."""
        return [self._path(block.i, block.j) for block in blocks]

    def write(self, block: Block, values: Mapping[str, np.ndarray]) -> None:
        """Store one block."""
        variables = {name: array(x, _DIMS, _LONG_NAMES[name]) for name, x in values.items()}
        data = xr.Dataset(variables, attrs={"kernel": self.digest})
        path = self._path(block.i, block.j)
        try:
            write(data, path, compress=False, alone=False)
        except FileNotFoundError:  # of another process that came first, and has swept
            if not path.exists():
                raise

    def read(self, name: str, i: int, j: int) -> np.ndarray:
        """Block (i, j) of one kernel; below the diagonal of a symmetric one, the transpose of (j, i)."""
        if self.grid.symmetric and i > j:
            return self.read(name, j, i).T
        path = self._path(i, j)
        try:
            # Not through xarray, whose lock leaves out the opening of files: HDF5 has no threads.
            with NETCDF4_PYTHON_LOCK, netCDF4.Dataset(path) as data:
                data.set_auto_mask(False)
                if data.getncattr("kernel") != self.digest:
                    self._damaged(path, "belongs to another kernel")
                return data[name][:]
        except (OSError, RuntimeError, AttributeError, IndexError) as error:
            self._damaged(path, f"cannot be read ({error})")

    def dataset(self) -> xr.Dataset:
        """The whole kernel, lazily: each chunk is read from its file when it is needed."""
        missing = self.missing()
        if missing:
            total = sum(1 for _ in self.grid.blocks())
            raise InputError(
                f"{self.folder} is not finished: {len(missing)} of its {total} tile files are missing. "
                "Call `kernels.compute` again with the same arguments; it goes on where it stopped."
            )
        variables = {
            name: xr.Variable(
                _DIMS, self._lazy(name), {"long_name": _LONG_NAMES[name], "units": "1"}
            )
            for name in self.manifest["get"]
        }
        attrs = {k: v for k, v in self.manifest.items() if isinstance(v, str | int | float)}
        return xr.Dataset(
            variables, attrs={k: v for k, v in attrs.items() if not isinstance(v, bool)}
        )

    def _lazy(self, name: str) -> Any:
        import dask.array  # it takes longer to import than all the rest

        dtype = np.dtype(self.manifest["dtype"])
        if not all(self.grid.shape):
            return np.empty(self.grid.shape, dtype)

        def block(block_id: tuple[int, int]) -> np.ndarray:
            return self.read(name, *block_id)

        label = f"{name}-{digest([str(self.folder.absolute()), self.digest])}"
        return dask.array.map_blocks(
            block, chunks=self.grid.chunks, dtype=dtype, meta=np.empty((0, 0), dtype), name=label
        )

    def _path(self, i: int, j: int) -> Path:
        return self.folder / f"tile-{i:05d}-{j:05d}.nc"

    def _check(self) -> None:
        """Refuse a folder that belongs to something else."""
        # The names before the manifest: another process may write it, and then its first tile.
        names = {p.name for p in self.folder.glob("*") if not p.name.startswith(".")}
        found = Archive.found(self.folder)
        differences = [] if found is None else _differences(found.manifest, self.manifest)
        if differences:
            raise InputError(
                f"{self.folder} holds another kernel: {'; '.join(differences)}. Name another folder, "
                "delete this one, or ask for what it holds."
            )
        own = {path.name for path in self.files(self.grid.blocks())}
        if found is None:  # lost: tiles say themselves what they belong to
            own = {name for name in own & names if self._is_own(self.folder / name)}
        foreign = sorted(names - own - {"manifest.json"})
        if foreign:
            raise InputError(
                f"{self.folder} has {len(foreign)} files that do not belong to this kernel, such as "
                f"{foreign[0]}: name an empty folder, or move them away."
            )

    def _sweep(self) -> None:
        """Remove what killed processes have left of tiles that are there now, or long ago."""
        for path in self.folder.glob(".tile-*.part"):
            with contextlib.suppress(FileNotFoundError):
                whole = self.folder / path.name[1:].split(".nc.")[0]
                if (
                    whole.with_suffix(".nc").exists()
                    or time.time() - path.stat().st_mtime > _ABANDONED
                ):
                    path.unlink()

    def _is_own(self, path: Path) -> bool:
        """Whether a file can be read and is a tile of this kernel."""
        try:
            with NETCDF4_PYTHON_LOCK, netCDF4.Dataset(path) as data:
                return bool(data.getncattr("kernel") == self.digest)
        except (OSError, RuntimeError, AttributeError):
            return False

    def _damaged(self, path: Path, what: str) -> NoReturn:
        raise InputError(
            f"{path} {what}: delete this file and call `kernels.compute` again with the same "
            "arguments; it computes what is missing."
        )


def open_archive(folder: str | Path) -> xr.Dataset:
    """The kernels that `compute` wrote to a folder, as a lazy data set.

    Returns:
        ``nngp`` and ``ntk``, as far as they were asked for, with dimensions (sample, sample_other). They are
        dask arrays, each chunk of which is one file; that of a symmetric kernel below the diagonal is the
        transpose of the one above.

    Raises:
        InputError: if there is no kernel, or it is not finished; it says how to go on.
    """
    found = Archive.found(folder)
    if found is None:
        raise InputError(
            f"{folder} has no manifest.json, so it holds no kernel: make one by "
            "`kernels.compute(..., out=folder)`."
        )
    return found.dataset()


@contextlib.contextmanager
def _locked(path: Path, *, say: bool = True) -> Iterator[None]:
    """One process at a time; the lock of a process that was killed is free."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if say:
            _log.warning("%s: another process computes this kernel; waiting for it.", path.parent)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _differences(there: Any, here: Any, name: str = "") -> list[str]:
    """What differs between two manifests, each as a sentence."""
    if isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        there, here = dict(enumerate(there)), dict(enumerate(here))
    if not (isinstance(there, dict) and isinstance(here, dict)):
        return [] if there == here else [f"{name} is {there!r} there and {here!r} here"]
    keys = [k for k in dict.fromkeys([*there, *here]) if k != "network_sha256"]  # of the network
    parts = [(there.get(k), here.get(k), f"{name}.{k}" if name else str(k)) for k in keys]
    return [sentence for part in parts for sentence in _differences(*part)]
