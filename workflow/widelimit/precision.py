"""Precision as an argument: a local context, never JAX's global switch."""

from __future__ import annotations

from contextlib import AbstractContextManager

import jax

__all__ = ["DTYPES", "precision"]

DTYPES = ("float32", "float64")


def precision(dtype: str) -> AbstractContextManager:
    """Compute in ``dtype`` inside the ``with`` block, whatever the process's global setting is."""
    if dtype not in DTYPES:
        raise ValueError(f"precision is {dtype!r}, expected one of {DTYPES}.")
    return jax.enable_x64(dtype == "float64")
