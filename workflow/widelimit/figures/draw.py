"""Figures by their names: each is a module of this folder with a caption and a function ``draw``."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from widelimit.figures.style import save
from widelimit.modules import figure_module
from widelimit.store import read

__all__ = ["caption", "draw"]


def caption(figure: str) -> tuple[str, str]:
    """Title and caption of a figure."""
    module = _module(figure)
    return module.TITLE, module.CAPTION


def draw(figure: str, inputs: Mapping[str, str | Sequence[str]], path: str | Path) -> None:
    """Draw a figure from NetCDF files and write it as SVG.

    Args:
        figure: one of `modules.figures`.
        inputs: path, or paths, of each data set that the figure's function takes.
        path: the file to write.
    """
    datasets = {
        name: read(files) if isinstance(files, str) else [read(file) for file in files]
        for name, files in inputs.items()
    }
    save(_module(figure).draw(**datasets), path)


def _module(figure: str) -> ModuleType:
    name = figure_module(figure).removesuffix(".py").replace("/", ".")
    return importlib.import_module(f"widelimit.{name}")
