"""What carries pairs of images through programs: compiled code on processors, or Numba, which does NVIDIA GPUs too."""

from __future__ import annotations

import functools
import importlib.util
import logging
from collections.abc import Callable, Sequence
from typing import Any

from widelimit.kernels.devices import devices
from widelimit.kernels.image_programs import ImageProgram
from widelimit.native import bends, engine
from widelimit.networks import Layer

__all__ = ["carrier", "is_by_numba", "is_gpu", "missing"]

_log = logging.getLogger(__name__)

_NO_COMPILER = "no C++ compiler was there when widelimit was installed"


def carrier(layers: Sequence[Layer], shape: tuple[int, ...], dtype: Any) -> Callable | None:
    """Code for the devices of this process, called as ``images`` in ``native/_engine.pyi``; None if there is none.

    Args:
        layers: one after the other, up to the one that joins positions.
        shape: of the images, (height, width, channels).
        dtype: of the images.
    """
    if missing() or not ImageProgram.knows(layers, shape):
        return None
    if engine and not is_gpu():
        return engine.images
    kinds, periodic = ImageProgram.kinds(layers, shape)
    if is_gpu():
        return _on_gpu if _gpu().knows(kinds, shape[:2], dtype, periodic=periodic) else None
    return _by_numba() if bends.knows(kinds) else None


def is_by_numba() -> bool:
    """Whether what there is knows piecewise linear activations alone."""
    return is_gpu() or engine is None


def is_gpu() -> bool:
    """Whether the devices are GPUs."""
    return all(device.platform == "gpu" for device in devices())


def missing() -> str:
    """Why there is no code for any layers on these devices, and what to do; empty if there is."""
    if is_gpu():
        return "" if _gpu() else "numba-cuda does not run here: install widelimit[cuda]"
    if any(device.platform != "cpu" for device in devices()):
        return f"there is none for {devices()[0].device_kind}"
    return "" if engine or _has("numba") else f"{_NO_COMPILER}, nor is Numba there: install one of both, and widelimit again"  # fmt: skip


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@functools.cache
def _by_numba() -> Callable:
    """Code by Numba for processors; that it is slower is said once."""
    from widelimit.native import fallback

    _log.warning(f"{_NO_COMPILER}: images are compared by Numba, at a fifth of the speed.")
    return fallback.images


@functools.cache
def _gpu() -> Any:
    """Kernels for GPUs; None without Numba, or what Numba needs."""
    if not _has("numba_cuda"):
        return None
    from numba import cuda

    from widelimit.gpu import engine as kernels

    return kernels if cuda.is_available() else None


def _on_gpu(*arguments: Any) -> None:
    """On the device of this thread (see `in_order`)."""
    _gpu().images(*arguments, device=devices()[0].local_hardware_id)
