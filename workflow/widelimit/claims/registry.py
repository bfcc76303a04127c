"""The claims by their numbers: each is a module of this folder, and a new file is a new claim."""

from __future__ import annotations

import importlib
from pathlib import Path

from widelimit.claims.claim import Claim
from widelimit.errors import InputError

__all__ = ["available", "load", "module_of"]

_FOLDER = Path(__file__).parent


def available() -> list[str]:
    """Identifiers of all claims, by number."""
    numbers = sorted(int(path.stem[1:]) for path in _FOLDER.glob("c[0-9]*.py"))
    return [f"C{number}" for number in numbers]


def module_of(claim: str) -> str:
    """The claim's module as a path relative to the package."""
    if claim not in available():
        raise InputError(f"there is no claim {claim!r}; expected one of {', '.join(available())}.")
    return f"claims/{claim.lower()}.py"


def load(claim: str) -> Claim:
    """Import a claim by its identifier."""
    module_of(claim)
    return importlib.import_module(f"widelimit.claims.{claim.lower()}").CLAIM
