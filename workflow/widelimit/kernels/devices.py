"""What a computation may use: devices, and threads for each."""

from __future__ import annotations

import os
import sys
from typing import Any

import jax

__all__ = ["devices", "threads"]

_THREADS = 2
"""Threads for each device, at least: one computes while the other waits for its results to come over."""

_MOST = 16
"""Threads on the cores of a machine, at most: each holds a tile in memory, and they share its bandwidth."""


def devices() -> list[Any]:
    """All devices of this process, unless the caller has chosen one by `jax.default_device`."""
    chosen = jax.config.jax_default_device  # type: ignore[attr-defined]
    if isinstance(chosen, str):
        return jax.local_devices(backend=chosen)[:1]
    return jax.local_devices() if chosen is None else [chosen]


def threads(device: Any) -> int:
    """One for each core where these are the device: XLA takes one for most of a tile."""
    if device.platform != "cpu":
        return _THREADS
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    cores = min(
        cores, int(os.environ.get("NPROC", cores))
    )  # the share of a job, which XLA reads as well
    return max(_THREADS, min(cores, _MOST) // len(devices()))
