"""The configuration of a study.

A configuration file is what a researcher edits. It is checked before any job starts; unknown keys and
impossible values are refused with the key, what was given and what is expected. The JSON schema in
``workflow/schemas`` and the page ``config/README.md`` are generated from these classes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from widelimit.config.consistency import check_consistency
from widelimit.config.data_sets import AnyDataSet
from widelimit.config.networks import AnyNetwork
from widelimit.config.section import Distinct, Name, Section
from widelimit.config.stages import (
    Empirical,
    FiveQubit,
    MeanField,
    Overfitting,
    Pair,
    Pinn,
    Processes,
    SmallData,
    Spectra,
    SurfaceCode,
)
from widelimit.errors import InputError

__all__ = ["Study", "check", "read"]


class Study(Section):
    """A study: what is computed, and under which name. Stages whose section it leaves out are left out."""

    name: Name
    """Results go to results/<name>/ and nowhere else."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """All randomness follows from this number and from names."""
    precision: Literal["float64", "float32"] = "float64"
    """Precision of kernels."""
    datasets: Annotated[dict[Name, AnyDataSet], Field(min_length=1)]
    """Data sets by name."""
    networks: Annotated[dict[Name, AnyNetwork], Field(min_length=1)]
    """Networks by name."""
    kernels: list[Pair] = []
    """Pairs of data set and networks whose analytic kernels and spectra are computed."""
    empirical: Empirical | None = None
    """Empirical tangent kernels."""
    spectra: Spectra | None = None
    """Spectra."""
    overfitting: Overfitting | None = None
    """Overfitting."""
    processes: Processes | None = None
    """Gaussian processes."""
    small_data: SmallData | None = None
    """Few images."""
    pinn: Pinn | None = None
    """Physics-informed networks."""
    five_qubit: FiveQubit | None = None
    """Five-qubit code; together with surface codes."""
    surface_code: SurfaceCode | None = None
    """Surface codes."""
    mean_field: MeanField | None = None
    """Mean field."""
    claims: Literal["all"] | Annotated[list[str], Distinct] = "all"
    """Claims to decide: all, or a list such as [C14, C26], which may be empty."""

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
