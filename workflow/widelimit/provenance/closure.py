"""Which sources a script's result depends on: its import closure inside this package.

The digest of the closure is a parameter of each rule. So an edit to one study re-runs that study and
no kernel, and an edit to a kernel's formula re-runs everything that imports it. Imports are read from
the syntax tree; a name imported inside a function counts too. A module loaded under a computed name
must be passed as a root of its own. Sources of compiled code come with the package in whose folder they
are. The modules of this folder are left out: they describe results and do not make them.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

import widelimit

__all__ = ["PACKAGE", "import_closure", "source_digest"]

PACKAGE = Path(widelimit.__file__).parent
"""The folder of this package."""

_COMPILED = ("*.cpp", "*.hpp", "CMakeLists.txt")
"""Sources of compiled code."""


def import_closure(*roots: str | Path) -> list[Path]:
    """All modules of this package that the files ``roots`` import, directly or not, sorted.

    A root inside the package is part of its own closure; a script is not.
    """
    found: set[Path] = set()
    waiting = [Path(root).resolve() for root in roots]
    for root in waiting:
        if not root.exists():
            raise FileNotFoundError(f"{root} is not there: a closure starts from existing files.")
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting.extend(_imports(path) - found)
    return sorted(path for path in found if path.is_relative_to(PACKAGE) and not _describes(path))


def _describes(path: Path) -> bool:
    return path.is_relative_to(PACKAGE / "provenance")


def source_digest(*roots: str | Path) -> str:
    """SHA-256 over names and bytes of the import closure of ``roots``, the roots included.

    Roots that are not Python are digested as they are.
    """
    digest = hashlib.sha256()
    scripts = {Path(root).resolve() for root in roots} - set(PACKAGE.rglob("*.py"))
    modules = [root for root in roots if Path(root).suffix == ".py"]
    for path in [*sorted(scripts), *import_closure(*modules)]:
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@functools.cache
def _imports(path: Path) -> set[Path]:
    """Files of this package that one file imports."""
    if path.suffix != ".py":
        return set()
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes(), filename=str(path))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(
                    f"{path}:{node.lineno} has a relative import; write `from {PACKAGE.name}.… "
                    "import …`, so that the provenance can follow it."
                )
            modules.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {file for name in modules for file in _files(name.split("."))}


def _files(parts: list[str]) -> Iterable[Path]:
    """The files that ``import a.b.c`` executes, as far as they belong to this package."""
    if parts[0] != PACKAGE.name:
        return
    for end in range(1, len(parts) + 1):
        place = PACKAGE.joinpath(*parts[1:end])
        if (place / "__init__.py").exists():
            yield place / "__init__.py"
            yield from (source for pattern in _COMPILED for source in place.glob(pattern))
        elif place.with_suffix(".py").exists():
            yield place.with_suffix(".py")
