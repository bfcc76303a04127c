"""Compiled code for what XLA cannot do at speed, and the layers that it knows.

It is built where there is a C++ compiler when the project is installed; without one all is computed by XLA.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

__all__ = ["engine", "instructions"]

_SOURCES = ("*.cpp", "*.hpp", "CMakeLists.txt")


def _sources(folder: Path) -> str:
    """A digest of the sources in a folder, as ``CMakeLists.txt`` makes it of those that it builds from."""
    files = {path.name: path for pattern in _SOURCES for path in folder.glob(pattern)}
    digests = [
        f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        for name, path in sorted(files.items())
    ]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _checked(found: Any, folder: Path) -> Any:
    """Compiled code, if it was built from the sources in a folder."""
    if found.sources() != _sources(folder):
        raise ImportError(
            f"the compiled code of widelimit was built from other sources than those in {folder}: build it again "
            "by `make env` (or `pip install --editable .`)."
        )
    return found


def _found(folder: Path) -> Any:
    """Compiled code; None if it was not built."""
    name = f"{__name__}._engine"
    if importlib.util.find_spec(name) is None:
        return None
    return _checked(importlib.import_module(name), folder)


engine = _found(Path(__file__).parent)


def instructions() -> str:
    """The set of instructions that it uses on this processor; "none" where it was not built."""
    return "none" if engine is None else engine.instructions()
