"""How fast a machine is: measured there in seconds, and kept in a file for those who plan elsewhere."""

from __future__ import annotations

import datetime as dt
import platform
import time
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import psutil
from pydantic import BaseModel, PositiveFloat, PositiveInt, ValidationError

import widelimit
from widelimit.errors import InputError
from widelimit.kernels import compute
from widelimit.kernels.compute import tile_of
from widelimit.networks import Layer
from widelimit.provenance.environment import machine
from widelimit.regression import factorise
from widelimit.store import atomic

__all__ = ["Device", "Speed", "device", "measure"]

_STORED = Path(__file__).parent / "devices"

_SECONDS = 5.0
"""How long a measurement takes, at least."""

_FACTOR = 3000
"""Samples of the kernel whose factor is timed."""


class Speed(BaseModel):
    """What a machine does with one network.

    Attributes:
        pairs_per_second: both kernels of so many pairs of inputs.
        tile: samples along a side of a tile.
    """

    pairs_per_second: PositiveFloat
    tile: PositiveInt


class Device(BaseModel):
    """A machine.

    Attributes:
        description: processor or accelerator, and cores.
        memory: of the machine, in bytes.
        flops: multiplications and additions per second of a Cholesky factor in float64.
        speeds: by `key`.
        widelimit, date: version that was measured, and when.
    """

    description: str
    memory: PositiveInt
    flops: PositiveFloat
    speeds: dict[str, Speed]
    widelimit: str
    date: str

    def speed(self, key: str) -> Speed:
        """Of one network; an error says how to measure it."""
        if key not in self.speeds:
            raise InputError(
                f"{self.description}: {key} was not measured there, but {', '.join(self.speeds)}; on such a machine "
                "call `widelimit plan` without --device, and with --save."
            )
        return self.speeds[key]

    def save(self, path: Path) -> None:
        """Write it to a file, with the speeds of other networks that the file has of this machine."""
        known = device(str(path)) if path.exists() else self
        same = known.description == self.description
        speeds = {**(known.speeds if same else {}), **self.speeds}
        with atomic(path) as temporary:
            temporary.write_text(
                self.model_copy(update={"speeds": speeds}).model_dump_json(indent=1) + "\n"
            )


def device(name: str) -> Device:
    """A machine from a file, or one of those that come with the package, by its name."""
    path = Path(name) if name.endswith(".json") else _STORED / f"{name}.json"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in _STORED.glob("*.json"))) or "none"
        raise InputError(
            f"there is no measurement of {name!r}; known are {known}. On such a machine call `widelimit plan` without "
            "--device and with --save FILE.json, and then give that file here."
        )
    try:
        return Device.model_validate_json(path.read_text())
    except ValidationError as error:
        raise InputError(f"{path} is no measurement of a machine: {error}") from None


def key(network: str, inputs: tuple[int, ...], dtype: str) -> str:
    """How the speed of a network is named."""
    return f"{network} on {'×'.join(map(str, inputs))}, {dtype}"


def measure(
    name: str, net: Layer, inputs: tuple[int, ...], dtype: str, *, seconds: float = _SECONDS
) -> Device:
    """This machine, with one network on random inputs of a shape.

    Args:
        name: that of the network.
        net: the network.
        inputs: shape of one input.
        dtype: precision.
        seconds: how long it takes, at least.
    """
    found = machine()
    count = psutil.cpu_count(logical=False) or 1
    accelerators = [d.device_kind for d in jax.local_devices() if d.platform != "cpu"]
    description = ", ".join(
        [*accelerators, f"{count} cores of {found.get('processor') or platform.machine()}"]
    )
    return Device(
        description=description,
        memory=psutil.virtual_memory().total,
        flops=_flops(),
        speeds={key(name, inputs, dtype): _speed(net, inputs, dtype, seconds)},
        widelimit=widelimit.__version__,
        date=dt.datetime.now(dt.UTC).date().isoformat(),
    )


def _speed(net: Layer, inputs: tuple[int, ...], dtype: str, least: float) -> Speed:
    rng = np.random.default_rng(0)
    n = 16
    while True:
        x = rng.standard_normal((n, *inputs)).astype(dtype)
        compute(net, x[: n // 2], dtype=dtype, progress=False)
        seconds = _timed(lambda x=x: compute(net, x, dtype=dtype, progress=False))  # type: ignore[misc]
        if seconds > least:
            return Speed(pairs_per_second=n * (n + 1) / 2 / seconds, tile=tile_of(net, x, dtype))
        n *= 2


def _flops() -> float:
    x = np.random.default_rng(0).standard_normal((_FACTOR, 50))
    kernel = x @ x.T
    return _FACTOR**3 / 3 / _timed(lambda: factorise(kernel, 1.0))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
