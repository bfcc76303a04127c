"""What stands in a configuration file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from widelimit.config.data_sets import AnyDataSet
from widelimit.config.networks import AnyNetwork
from widelimit.config.section import Distinct, Name, Section
from widelimit.config.stages import (
    Empirical,
    FiveQubit,
    ImageNetworks,
    MeanField,
    Overfitting,
    Pair,
    Pinn,
    Processes,
    SmallData,
    Spectra,
    SurfaceCode,
)

__all__ = ["Contents"]


class Contents(Section):
    """The sections of a file, each right by itself."""

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
    image_networks: ImageNetworks | None = None
    """Networks and kernels on images."""
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
