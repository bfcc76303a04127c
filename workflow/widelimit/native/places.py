"""Pairs of images, displacements modulo their size and the slots that these stand in: for what Numba compiles."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["displacement", "meetings", "partner", "slot_of"]


def meetings(n1: int, n2: int, *, paired: bool, triangle: bool) -> np.ndarray:
    """Which images meet, int32, shape (pairs, 2)."""
    meet = np.eye(n1, n2, dtype=bool) if paired else np.ones((n1, n2), bool)
    return np.argwhere(np.triu(meet) if triangle else meet).astype(np.int32, order="C")


def displacement(slot: Any, count: Any, size: Any) -> Any:
    """The displacement, modulo a size, that stands in a slot of so many: small ones of both signs."""
    return slot if slot <= (count - 1) // 2 else slot + size - count


def slot_of(apart: Any, count: Any, size: Any) -> Any:
    """The slot of a displacement."""
    d = apart % size
    return d if d <= (count - 1) // 2 else d - size + count


def partner(position: Any, d: Any, size: Any) -> Any:
    """The other position of a pair."""
    return position + d if position + d < size else position + d - size
