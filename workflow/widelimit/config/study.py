"""The configuration of a study.

A configuration file is what a researcher edits. It is checked before any job starts; unknown keys and
impossible values are refused with the key, what was given and what is expected. The JSON schema in
``workflow/schemas`` and the page ``config/README.md`` are generated from these classes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError, model_validator

from widelimit.config.consistency import check_consistency
from widelimit.config.contents import Contents
from widelimit.errors import InputError

__all__ = ["Study", "check", "read"]


class Study(Contents):
    """A study: what is computed, and under which name. Stages whose section it leaves out are left out."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Study:
        check_consistency(self)
        return self


def check(config: dict[str, Any], origin: str = "the configuration") -> Study:
    """Check a configuration; all mistakes are reported at once."""
    try:
        return Study.model_validate(config)
    except ValidationError as error:
        lines = [f"  {_place(e['loc'])}: {e['msg']}{_given(e)}" for e in error.errors()]
        raise InputError(
            f"{origin} has {len(lines)} mistake(s); config/README.md explains each key:\n"
            + "\n".join(lines)
        ) from None


def read(path: str | Path) -> Study:
    """Read and check a configuration file."""
    try:
        config = yaml.safe_load(Path(path).read_text())
    except yaml.YAMLError as error:
        raise InputError(f"{path} is no YAML: {error}") from None
    return check(config, str(path))


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "study"


def _given(error: Any) -> str:
    """What was given, unless it is a whole section."""
    value = error.get("input")
    simple = isinstance(value, (str, int, float, bool, list)) and error["type"] != "missing"
    return f" (given: {value!r})" if simple and error["loc"] else ""
