"""Compiled code for what XLA cannot do at speed, and the layers that it knows.

It is built where there is a C++ compiler when the project is installed; without one all is computed by XLA.
"""

from __future__ import annotations

from typing import Any

engine: Any
try:
    from widelimit.native import _engine as engine
except ModuleNotFoundError:
    engine = None

__all__ = ["engine", "instructions"]


def instructions() -> str:
    """The set of instructions that it uses on this processor; "none" where it was not built."""
    return "none" if engine is None else engine.instructions()
