"""Samples from any source, by its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from widelimit.datasets.bundled import BUNDLED
from widelimit.datasets.fetched import FETCHED, load_fetched
from widelimit.datasets.files import load_file
from widelimit.datasets.generated import DOMAINS, generate
from widelimit.datasets.samples import Samples

__all__ = ["load"]


def load(settings: Mapping[str, Any], rng: np.random.Generator) -> Samples:
    """Load bundled, fetched or user data, or generate some.

    Args:
        settings: a data set's section of the configuration, as `config.AnyDataSet` defines it.
        rng: draws generated inputs.
    """
    source = settings["source"]
    if source in BUNDLED:
        return BUNDLED[source]()
    if source in FETCHED:
        return load_fetched(source, settings["path"])
    if source in DOMAINS:
        count = settings["train"] + settings["test"]
        shape = {key: settings[key] for key in ("dimension", "teacher")}
        return generate(source, rng, samples=count, **shape)
    return load_file(settings["path"], target=settings["target"], classes=settings["has_classes"])
