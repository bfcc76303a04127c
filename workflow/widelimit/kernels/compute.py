"""Kernels over data sets: tile by tile, on all devices, in bounded memory, into arrays or a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
import xarray as xr

from widelimit.kernels.folders import to_folder
from widelimit.kernels.footprint import footprint
from widelimit.kernels.function import Kernels
from widelimit.kernels.images import Images, say_why_not
from widelimit.kernels.inputs import checked_batch, checked_names, checked_sides, checked_tile
from widelimit.kernels.places import Place
from widelimit.kernels.sides import Rows
from widelimit.kernels.stack import Stack
from widelimit.kernels.task import Task
from widelimit.kernels.tiles import Block
from widelimit.networks import Layer
from widelimit.networks.masked import mask_constant
from widelimit.precision import precision

__all__ = ["compute", "compute_part", "tile_of"]

_SMALL = 8
"""Samples along a side of a tile below which it is said why."""

_Both = tuple[Literal["nngp", "ntk"], ...]


@overload
def compute(
    net: Layer, x1: Rows, x2: Rows | None = None, *, get: _Both = ..., dtype: str = ...,
    tile: int | tuple[int, int] | None = ..., out: None = ..., diagonal: bool = ...,
    tolerance: float = ..., progress: bool = ...,
) -> Kernels[np.ndarray]: ...  # fmt: skip
@overload
def compute(
    net: Layer, x1: Rows, x2: Rows | None = None, *, get: Literal["nngp", "ntk"],
    dtype: str = ..., tile: int | tuple[int, int] | None = ..., out: None = ..., diagonal: bool = ...,
    tolerance: float = ..., progress: bool = ...,
) -> np.ndarray: ...  # fmt: skip
@overload
def compute(
    net: Layer, x1: Rows, x2: Rows | None = None, *, get: str | Sequence[str] = ...,
    dtype: str = ..., tile: int | tuple[int, int] | None = ..., out: str | Path, diagonal: bool = ...,
    tolerance: float = ..., progress: bool = ...,
) -> xr.Dataset: ...  # fmt: skip
def compute(
    net: Layer,
    x1: Rows,
    x2: Rows | None = None,
    *,
    get: str | Sequence[str] = ("nngp", "ntk"),
    dtype: str = "float64",
    tile: int | tuple[int, int] | None = None,
    out: str | Path | None = None,
    diagonal: bool = False,
    tolerance: float = 1e-6,
    progress: bool = True,
) -> Kernels[np.ndarray] | np.ndarray | xr.Dataset:
    """NNGP and NTK of an infinitely wide network between all pairs of inputs.

    All devices of the process work on it, or the one that `jax.default_device` names. For a network whose
    samples depend on one another (`BatchNormRelu`) ``x1`` is one batch, and computed in one piece.

    Args:
        net: the network.
        x1: inputs, shape (n1, d), or (n1, *positions, channels): an array, or anything else of which slices can be
            read, such as a lazy `xarray.DataArray` or a data set of h5py, so that inputs on disk need no memory.
        x2: inputs, shape (n2, d); None means ``x1``, and then only the upper triangle is computed
            and mirrored, so that both kernels are symmetric to the bit.
        get: "nngp", "ntk" or a tuple of them. The NTK costs nothing if it is not asked for, but for images that
            go through compiled code.
        dtype: "float64" or "float32", the precision of the computation and of the result.
        tile: largest number of rows and columns computed at once (or one number for each); it bounds
            the working memory of each thread, of which there is one for each core, 16 at most, and two for each
            device at least. None chooses it by the network and the shape of the inputs (see
            `footprint`), or takes that of the folder ``out``.
        out: a folder to write to, tile by tile. A computation that was stopped, or killed, goes on where
            it stopped when it is called again. Memory does not grow with the square of n.
        diagonal: compute the pairs (x1_i, x2_i) alone, in time and memory linear in n.
        tolerance: largest error of an entry, relative to the scale of the second moments of its two inputs;
            Hermite series are as long as that takes (see `evaluate`), closed forms are exact to rounding.
        progress: show a bar over the tiles, if there is more than one and it takes more than seconds.

    Returns:
        ``Kernels`` of NumPy arrays of shape (n1, n2), or (n1,) for the diagonal; None stands for what was
        not asked for. If ``get`` is one string, that array alone. With ``out`` the lazy data set of
        `kernels.open`, whose variables are those asked for.

    Raises:
        ValueError: if the inputs, the network or the other arguments are not as described, before any
            work is done, if no series is long enough for ``tolerance``, or if entries are not finite.
        InputError: if ``out`` belongs to another kernel or has other files; it says what differs.
    """
    task = _task(net, x1, x2, get, dtype, tile, tolerance, progress, diagonal=diagonal)
    if diagonal:
        _check_diagonal(task, out)
        result = task.diagonal()
    elif out is not None:
        return to_folder(task, out, adopt=tile is None).dataset()
    else:
        result = _in_memory(task)
    if isinstance(get, str):
        return result[get]
    return Kernels(*(result.get(name) for name in Kernels._fields))  # type: ignore[arg-type]


def compute_part(
    net: Layer,
    x1: Rows,
    x2: Rows | None = None,
    *,
    out: str | Path,
    part: int,
    parts: int,
    get: str | Sequence[str] = ("nngp", "ntk"),
    dtype: str = "float64",
    tile: int | tuple[int, int] | None = None,
    tolerance: float = 1e-6,
    progress: bool = True,
) -> list[Path]:
    """One of several shares of what `compute` writes to a folder, for jobs side by side.

    Any number of processes may work on shares of one folder, on this machine or others that see it. What a share has
    already is kept. When all are there, `kernels.open` reads the whole kernel, and `compute` makes what is missing.

    Args:
        out: the folder.
        part, parts: which share, from 0 on, of how many.
        net, x1, x2, get, dtype, tile, tolerance, progress: as in `compute`, and the same for all shares.

    Returns:
        The files of this share.

    Raises:
        ValueError: as `compute`, or if there is no such share.
        InputError: as `compute`.
    """
    if not 0 <= part < parts:
        raise ValueError(f"part is {part} of {parts} parts, expected one from 0 to {parts - 1}.")
    task = _task(net, x1, x2, get, dtype, tile, tolerance, progress, diagonal=False)
    archive = to_folder(task, out, adopt=tile is None, share=(part, parts))
    return archive.files(archive.grid.share(part, parts))


def tile_of(net: Layer, x: Rows, dtype: str = "float64") -> int:
    """Samples along a side of the tiles that `compute` chooses for such inputs."""
    return _task(net, x, None, ("nngp", "ntk"), dtype, None, 1e-6, False, diagonal=False).tile[0]


def _task(
    net: Layer,
    x1: Rows,
    x2: Rows | None,
    get: str | Sequence[str],
    dtype: str,
    tile: int | tuple[int, int] | None,
    tolerance: float,
    progress: bool,
    *,
    diagonal: bool,
) -> Task:
    """What is asked for, checked."""
    asked = checked_names(get)
    with precision(dtype):
        one, other = checked_sides(x1, x2, dtype, mask_constant(net))
        shape = checked_tile(tile, symmetric=x2 is None and not diagonal)
        if net.couples_samples:
            shape = checked_batch(len(one), other, shape, diagonal=diagonal)
        need = footprint(net, one.shape, dtype, diagonal=diagonal)
        sides = one, one if other is None else other
        first, second = (net.inputs_of(side.read(slice(1))) for side in sides)
    compiled = _compiled(net, first, second, tolerance, diagonal=diagonal)
    if compiled is None and need.tile < _SMALL:
        say_why_not(net, one.shape)
    side = compiled.tile if isinstance(compiled, Images) else need.tile
    return Task(
        net, one, other, asked, dtype, tolerance, need, shape or (side, side), progress, compiled
    )


def _compiled(
    net: Layer, first: Any, second: Any, tolerance: float, *, diagonal: bool
) -> Images | Stack | None:
    """Compiled code for a network, if there is some, by one sample of each side."""
    images = Images.of(net, first, tolerance, diagonal=diagonal)
    return images or (None if diagonal else Stack.of(net, first, second))


def _in_memory(task: Task) -> dict[str, np.ndarray]:
    grid = task.grid
    whole = Place(task.empty(*grid.shape))

    def place(block: Block) -> Place:
        here = whole.part(block.rows, block.columns)
        if not grid.symmetric:
            return here
        if block.i == block.j:
            return Place.square(here.values)
        return here._replace(mirror=whole.part(block.columns, block.rows).values)

    for _ in task.blocks(list(grid.blocks()), place):
        pass
    return whole.values


def _check_diagonal(task: Task, out: str | Path | None) -> None:
    if out is not None:
        raise ValueError(
            f"out is {str(out)!r} with diagonal=True: a diagonal is small, so leave `out` away and store "
            "what is returned."
        )
    if task.x2 is not None and len(task.x1) != len(task.x2):
        raise ValueError(
            f"x1 has {len(task.x1)} samples and x2 {len(task.x2)}; with diagonal=True both must have the "
            "same number, as sample i of one is paired with sample i of the other."
        )
