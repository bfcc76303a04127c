"""widelimit: the theory of infinitely wide neural networks, computed and checked end to end.

The sub-packages load on first use, so that ``import widelimit`` is cheap and imports no JAX.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__version__ = "0.1.0"

_PARTS = {
    "claims",
    "datasets",
    "dynamics",
    "gpytorch",
    "kernels",
    "native",
    "networks",
    "planning",
    "provenance",
    "regression",
    "sklearn",
    "statistics",
    "store",
    "studies",
    "tangents",
    "theory",
}


def __getattr__(name: str) -> ModuleType:
    if name in _PARTS:
        return importlib.import_module(f"widelimit.{name}")
    raise AttributeError(f"module 'widelimit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({"__version__"} | _PARTS)
