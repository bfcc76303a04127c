"""What all sections of a configuration share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

__all__ = ["Classes", "Distinct", "Name", "Section", "Widths"]


def _not_reserved(name: str) -> str:
    if name in {"provenance", "logs", "benchmarks"}:
        raise ValueError(f"{name!r} is the name of a folder in each results tree; choose another")
    return name


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$"), AfterValidator(_not_reserved)]


def _distinct(values: list[Any]) -> list[Any]:
    twice = sorted({str(v) for v in values if values.count(v) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands there twice; expected distinct values")
    return values


Distinct = AfterValidator(_distinct)
Widths = Annotated[list[PositiveInt], Field(min_length=1), Distinct]
Classes = Annotated[list[NonNegativeInt], Field(min_length=2), Distinct]


class Section(BaseModel):
    """A part of the configuration; keys that it does not have are refused."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)
