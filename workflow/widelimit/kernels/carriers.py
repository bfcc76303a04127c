"""What carries pairs of images through programs: compiled code on processors, kernels on NVIDIA GPUs."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

from widelimit.kernels.devices import devices
from widelimit.kernels.image_programs import ImageProgram
from widelimit.native import engine
from widelimit.networks import Layer

__all__ = ["carrier", "is_gpu", "missing"]


def carrier(layers: Sequence[Layer], shape: tuple[int, ...], dtype: Any) -> Callable | None:
    """Code for the devices of this process, called as ``images`` in ``native/_engine.pyi``; None if there is none.

    Args:
        layers: one after the other, up to the one that joins positions.
        shape: of the images, (height, width, channels).
        dtype: of the images.
    """
    if missing() or not ImageProgram.knows(layers, shape):
        return None
    if not is_gpu():
        return engine.images
    kinds, periodic = ImageProgram.kinds(layers, shape)
    fits = _gpu().knows(kinds, shape[:2], dtype, periodic=periodic)
    return _on_gpu if fits else None


def is_gpu() -> bool:
    """Whether the devices are GPUs."""
    return all(device.platform == "gpu" for device in devices())


def missing() -> str:
    """Why there is no code for any layers on these devices, and what to do; empty if there is."""
    if is_gpu():
        return "" if _gpu() else "numba-cuda does not run here: install widelimit[cuda]"
    if any(device.platform != "cpu" for device in devices()):
        return f"there is none for {devices()[0].device_kind}"
    return "" if engine else "no compiler was there when it was installed: install one, and widelimit again"  # fmt: skip


@functools.cache
def _gpu() -> Any:
    """Kernels for GPUs; None without Numba, or what Numba needs."""
    if importlib.util.find_spec("numba_cuda") is None:
        return None
    from numba import cuda

    from widelimit.gpu import engine as kernels

    return kernels if cuda.is_available() else None


def _on_gpu(*arguments: Any) -> None:
    """On the device of this thread (see `in_order`)."""
    _gpu().images(*arguments, device=devices()[0].local_hardware_id)
