"""What the sections of a study must agree about: names that exist, samples that suffice, networks that fit their data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from widelimit.config.contents import Contents
from widelimit.modules import claim_module

__all__ = ["check_consistency"]


def check_consistency(study: Contents) -> None:
    """Raise ValueError at the first disagreement; sections that the study leaves out have none."""
    _datasets(study)
    _kernels(study)
    for name, check in _STAGES.items():
        if getattr(study, name) is not None:
            check(study)
    if (study.five_qubit is None) != (study.surface_code is None):
        raise ValueError(
            "five_qubit and surface_code are shown together: give both sections, or none"
        )
    if study.claims != "all":
        for claim in study.claims:
            claim_module(claim)


def _datasets(study: Contents) -> None:
    for name, data in study.datasets.items():
        if data.balanced and not data.is_classified:
            raise ValueError(f"datasets: {name!r} is balanced, and its targets are no classes")
        if data.standardize == "channels" and not data.has_images:
            raise ValueError(f"datasets: {name!r} has standardize: channels, and no images")


def _kernels(study: Contents) -> None:
    _pairs(study, "kernels", study.kernels)
    for pair in study.kernels:
        for name in pair.networks:
            kind = study.networks[name].kind
            if kind != "mlp" and not study.datasets[pair.dataset].has_images:
                raise ValueError(
                    f"kernels: network {name!r} is {kind}, and data set {pair.dataset!r} has no images; expected "
                    "a fully connected network"
                )


def _empirical(study: Contents) -> None:
    stage = study.empirical
    assert stage is not None
    _pairs(study, "empirical.pairs", stage.pairs)
    for pair in stage.pairs:
        _fully_connected(study, "empirical.pairs", pair.networks)
        _enough(study, "empirical.samples", stage.samples, pair.dataset)
    fitted = [width for width in stage.widths if width >= stage.fit_from]
    if len(fitted) < 2:
        raise ValueError(
            f"empirical.fit_from is {stage.fit_from}, which leaves the widths {fitted}; an "
            "exponent needs at least two"
        )


def _spectra(study: Contents) -> None:
    stage = study.spectra
    assert stage is not None
    _known("spectra.depth_dataset", "name", [stage.depth_dataset], study.datasets)
    _enough(study, "spectra.depth_samples", stage.depth_samples, stage.depth_dataset)
    if not study.kernels:
        raise ValueError("spectra: there are none without kernels; name pairs in `kernels`")
    if all(network.kind != "mlp" for network in study.networks.values()):
        raise ValueError("spectra: those on the sphere need a fully connected network")
    low, high = stage.decay_range
    pairs = [*study.kernels, *(study.empirical.pairs if study.empirical else [])]
    least = min(study.datasets[pair.dataset].train for pair in pairs)
    if not low < min(high, least // 2):
        raise ValueError(
            f"spectra.decay_range is {low}, {high}; expected the smaller first, and below half of the "
            f"smallest training set ({least} samples)"
        )


def _overfitting(study: Contents) -> None:
    stage = study.overfitting
    assert stage is not None
    _known("overfitting.dataset", "name", [stage.dataset], study.datasets)
    pool, wanted = study.datasets[stage.dataset], max(stage.sizes) + stage.test
    if wanted > pool.train + pool.test:
        raise ValueError(
            f"overfitting: the largest of sizes and test are {wanted} samples together, but data set "
            f"{stage.dataset!r} has train + test = {pool.train + pool.test}"
        )


def _processes(study: Contents) -> None:
    stage = study.processes
    assert stage is not None
    _known("processes", "datasets", stage.datasets, study.datasets)
    _known("processes", "network", [stage.network], study.networks)
    _fully_connected(study, "processes", [stage.network])
    wanted = stage.train + stage.test
    for name in stage.datasets:
        data = study.datasets[name]
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


def _small_data(study: Contents) -> None:
    stage = study.small_data
    assert stage is not None
    _images(study, "small_data", stage.dataset, stage.networks)
    count, pool = _classes(study, stage.dataset), study.datasets[stage.dataset].train
    wrong = [n for n in stage.sizes if n % count or 2 * n > pool]
    if wrong:
        raise ValueError(
            f"small_data: sizes {wrong} are no multiples of the {count} classes, or more than half of the "
            f"{pool} training images of {stage.dataset!r}"
        )


def _image_networks(study: Contents) -> None:
    stage = study.image_networks
    assert stage is not None
    _images(study, "image_networks", stage.dataset, [stage.pooled, stage.flat])
    for key, pooling in (("pooled", True), ("flat", False)):
        network = study.networks[getattr(stage, key)]
        if getattr(network, "pooling", None) is not pooling:
            raise ValueError(
                f"image_networks: {key} is {getattr(stage, key)!r}; expected a network with kind: cntk and "
                f"pooling: {str(pooling).lower()}"
            )
    count, pool = _classes(study, stage.dataset), study.datasets[stage.dataset].train
    if stage.train % count or stage.train > pool:
        raise ValueError(
            f"image_networks: train is {stage.train}, which is no multiple of the {count} classes, or more than the "
            f"{pool} training images of {stage.dataset!r}"
        )


def _images(study: Contents, place: str, dataset: str, networks: list[str]) -> None:
    _known(place, "dataset", [dataset], study.datasets)
    _known(place, "networks", networks, study.networks)
    data = study.datasets[dataset]
    if not data.has_images or data.test < 1:
        raise ValueError(f"{place}: data set {dataset!r} needs images and a test set")
    for name in networks:
        if study.networks[name].kind == "mlp":
            raise ValueError(
                f"{place}: network {name!r} is fully connected; expected a convolutional one"
            )


def _classes(study: Contents, dataset: str) -> int:
    return len(getattr(study.datasets[dataset], "classes", None) or range(10))


_STAGES = {
    "empirical": _empirical,
    "spectra": _spectra,
    "overfitting": _overfitting,
    "processes": _processes,
    "small_data": _small_data,
    "image_networks": _image_networks,
}


def _pairs(study: Contents, place: str, pairs: Iterable[Any]) -> None:
    for pair in pairs:
        _known(place, "dataset", [pair.dataset], study.datasets)
        _known(place, "networks", pair.networks, study.networks)


def _known(place: str, key: str, names: list[str], known: dict[str, Any]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{place}: {key} {name!r} is not defined; defined are {list(known)}")


def _fully_connected(study: Contents, place: str, names: list[str]) -> None:
    for name in names:
        kind = study.networks[name].kind
        if kind != "mlp":
            raise ValueError(f"{place}: network {name!r} is {kind}; expected a fully connected one")


def _enough(study: Contents, key: str, wanted: int, name: str) -> None:
    found = study.datasets[name].train
    if wanted > found:
        raise ValueError(f"{key} is {wanted}, but data set {name!r} has train: {found}")
