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
from widelimit.modules import claim_module

__all__ = ["Study", "check", "read"]


class Study(Section):
    """A study: what is computed, and under which name."""

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
    kernels: Annotated[list[Pair], Field(min_length=1)]
    """Pairs of data set and networks whose analytic kernels and spectra are computed."""
    empirical: Empirical
    """Empirical tangent kernels."""
    spectra: Spectra
    """Spectra."""
    overfitting: Overfitting
    """Overfitting."""
    processes: Processes
    """Gaussian processes."""
    small_data: SmallData | None = None
    """Few images; none by default."""
    pinn: Pinn = Pinn()
    """Physics-informed networks."""
    five_qubit: FiveQubit = FiveQubit()
    """Five-qubit code."""
    surface_code: SurfaceCode = SurfaceCode()
    """Surface codes."""
    mean_field: MeanField = MeanField()
    """Mean field."""
    claims: Literal["all"] | Annotated[list[str], Field(min_length=1), Distinct] = "all"
    """Claims to decide: all, or a list such as [C14, C26]."""

    @model_validator(mode="after")
    def _names_exist(self) -> Study:
        pairs = [
            *(("kernels", pair) for pair in self.kernels),
            *(("empirical.pairs", pair) for pair in self.empirical.pairs),
        ]
        for place, pair in pairs:
            self._known(place, "dataset", [pair.dataset], self.datasets)
            self._known(place, "networks", pair.networks, self.networks)
        for place, name in (
            ("spectra.depth_dataset", self.spectra.depth_dataset),
            ("overfitting.dataset", self.overfitting.dataset),
        ):
            self._known(place, "name", [name], self.datasets)
        self._known("processes", "datasets", self.processes.datasets, self.datasets)
        self._known("processes", "network", [self.processes.network], self.networks)
        return self

    @model_validator(mode="after")
    def _networks_fit_their_data(self) -> Study:
        for pair in self.kernels:
            for name in pair.networks:
                kind = self.networks[name].kind
                if kind != "mlp" and not self.datasets[pair.dataset].has_images:
                    raise ValueError(
                        f"kernels: network {name!r} is {kind}, and data set {pair.dataset!r} has no images; expected "
                        "a fully connected network"
                    )
        self._check_small_data()
        finite = [
            ("empirical.pairs", name) for pair in self.empirical.pairs for name in pair.networks
        ]
        for place, name in [*finite, ("processes", self.processes.network)]:
            if self.networks[name].kind != "mlp":
                raise ValueError(
                    f"{place}: network {name!r} is {self.networks[name].kind}; expected a fully connected one"
                )
        return self

    def _check_small_data(self) -> None:
        if self.small_data is None:
            return
        few, place = self.small_data, "small_data"
        self._known(place, "dataset", [few.dataset], self.datasets)
        self._known(place, "networks", few.networks, self.networks)
        data = self.datasets[few.dataset]
        if not data.has_images or data.test < 1:
            raise ValueError(f"{place}: data set {few.dataset!r} needs images and a test set")
        for name in few.networks:
            if self.networks[name].kind == "mlp":
                raise ValueError(
                    f"{place}: network {name!r} is fully connected; expected a convolutional one"
                )
        count = len(getattr(data, "classes", None) or range(10))
        wrong = [n for n in few.sizes if n % count or 2 * n > data.train]
        if wrong:
            raise ValueError(
                f"{place}: sizes {wrong} are no multiples of the {count} classes, or more than half of the "
                f"{data.train} training images of {few.dataset!r}"
            )

    @model_validator(mode="after")
    def _samples_suffice(self) -> Study:
        needs = [
            *(
                ("empirical.samples", self.empirical.samples, p.dataset)
                for p in self.empirical.pairs
            ),
            ("spectra.depth_samples", self.spectra.depth_samples, self.spectra.depth_dataset),
        ]
        for key, wanted, name in needs:
            if wanted > self.datasets[name].train:
                raise ValueError(
                    f"{key} is {wanted}, but data set {name!r} has train: {self.datasets[name].train}"
                )
        low, high = self.spectra.decay_range
        least = min(self.datasets[pair.dataset].train for pair in self._all_pairs())
        if not low < min(high, least // 2):
            raise ValueError(
                f"spectra.decay_range is {low}, {high}; expected the smaller first, and below half of the "
                f"smallest training set ({least} samples)"
            )
        fitted = [width for width in self.empirical.widths if width >= self.empirical.fit_from]
        if len(fitted) < 2:
            raise ValueError(
                f"empirical.fit_from is {self.empirical.fit_from}, which leaves the widths {fitted}; an "
                "exponent needs at least two"
            )
        pool = self.datasets[self.overfitting.dataset]
        wanted = max(self.overfitting.sizes) + self.overfitting.test
        if wanted > pool.train + pool.test:
            raise ValueError(
                f"overfitting: the largest of sizes and test are {wanted} samples together, but data set "
                f"{self.overfitting.dataset!r} has train + test = {pool.train + pool.test}"
            )
        return self

    @model_validator(mode="after")
    def _splits_are_possible(self) -> Study:
        wanted = self.processes.train + self.processes.test
        for name in self.processes.datasets:
            data = self.datasets[name]
            if wanted > data.train:
                raise ValueError(
                    f"processes: train and test are {wanted} samples together, but data set {name!r} has "
                    f"train: {data.train}"
                )
            if data.standardize in ("sphere", "channels"):
                raise ValueError(
                    f"processes: data set {name!r} has standardize: {data.standardize}, by moments of samples that a "
                    "split holds out; expected features or none, which each split replaces by its own"
                )
        return self

    @model_validator(mode="after")
    def _claims_exist(self) -> Study:
        if self.claims != "all":
            for claim in self.claims:
                claim_module(claim)
        return self

    def _all_pairs(self) -> list[Pair]:
        return [*self.kernels, *self.empirical.pairs]

    @staticmethod
    def _known(place: str, key: str, names: list[str], known: dict[str, Any]) -> None:
        for name in names:
            if name not in known:
                raise ValueError(
                    f"{place}: {key} {name!r} is not defined; defined are {list(known)}"
                )


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
