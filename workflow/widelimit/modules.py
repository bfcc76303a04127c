"""Claims and figures are modules found by name: a new file in their folder is a new claim or figure.

This module only looks at file names; importing it, and so parsing the workflow, loads nothing heavy.
"""

from __future__ import annotations

from pathlib import Path

from widelimit.errors import InputError

__all__ = ["claim_module", "claims", "figure_module", "figures"]

_PACKAGE = Path(__file__).parent
_NOT_FIGURES = {"__init__", "draw", "style"}


def claims() -> list[str]:
    """Identifiers of all claims, by number."""
    numbers = sorted(int(path.stem[1:]) for path in (_PACKAGE / "claims").glob("c[0-9]*.py"))
    return [f"C{number}" for number in numbers]


def claim_module(claim: str) -> str:
    """A claim's module as a path relative to the package."""
    if claim not in claims():
        raise InputError(f"there is no claim {claim!r}; expected one of {', '.join(claims())}.")
    return f"claims/{claim.lower()}.py"


def figures() -> list[str]:
    """Names of all figures."""
    names = {path.stem for path in (_PACKAGE / "figures").glob("*.py")}
    return sorted(names - _NOT_FIGURES)


def figure_module(figure: str) -> str:
    """A figure's module as a path relative to the package."""
    if figure not in figures():
        raise InputError(f"there is no figure {figure!r}; expected one of {', '.join(figures())}.")
    return f"figures/{figure}.py"
