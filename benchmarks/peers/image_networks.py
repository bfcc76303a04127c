"""Random networks of the kinds that have compiled code for images, as plain data (see ``architectures.py``)."""

from __future__ import annotations

from typing import Any

import numpy as np
from architectures import CLOSED, ENDS, INPUTS, Layer, scales, shape_behind

__all__ = ["image_networks"]

ACTIVATIONS = sorted(set(CLOSED) - {"Gabor", "RectifiedMonomial"})
"""Those that compiled code knows."""

DEPTH = 6
"""Blocks at most."""


def image_networks(seed: int, count: int) -> list[dict[str, Any]]:
    """``count`` architectures: ``{"input": "picture", "layers": [...]}``."""
    rng = np.random.default_rng(seed)
    return [{"input": "picture", "layers": _layers(rng)} for _ in range(count)]


def _layers(rng: np.random.Generator) -> list[Layer]:
    """Blocks of a convolution and an activation, all periodic or none; what joins positions, and a dense layer."""
    periodic, layers = bool(rng.random() < 0.3), []
    for _ in range(rng.integers(1, DEPTH + 1)):
        shape = shape_behind(layers, INPUTS["picture"][:-1])
        layers += [_conv(rng, shape, periodic), *_residual(rng, shape, periodic), _activation(rng)]
        layers += _pooling(rng, shape_behind(layers, INPUTS["picture"][:-1]), periodic)
    return [*layers, [str(rng.choice(list(ENDS))), {}], ["Dense", scales(rng, ())]]


def _conv(rng: np.random.Generator, shape: tuple[int, ...], periodic: bool) -> Layer:
    """Windows of up to 5 × 5, which need not be squares; without zeros around only where two positions are left.

    Compiled code knows periodic ones that are no longer than the shorter side.
    """
    longest = [min(shape) if periodic else n for n in shape]
    window = [int(rng.choice([k for k in (1, 2, 3, 5) if k <= n])) for n in longest]
    fits = all(k < n for k, n in zip(window, shape, strict=True))
    padding = "CIRCULAR" if periodic else str(rng.choice(["SAME", "VALID"] if fits else ["SAME"]))
    return ["Conv", {"window": window, "strides": [1, 1], "padding": padding} | scales(rng, shape)]


def _residual(rng: np.random.Generator, shape: tuple[int, ...], periodic: bool) -> list[Layer]:
    """Sometimes a branch around an activation and a convolution that keeps the size."""
    if rng.random() < 0.6:
        return []
    kind, arguments = _conv(rng, shape, periodic)
    same = arguments | {"padding": "CIRCULAR" if periodic else "SAME"}
    return [["Residual", {"branches": [[_activation(rng), [kind, same]]]}]]


def _activation(rng: np.random.Generator) -> Layer:
    name = str(rng.choice(ACTIVATIONS))
    return [name, CLOSED[name](rng, ())]


def _pooling(rng: np.random.Generator, shape: tuple[int, ...], periodic: bool) -> list[Layer]:
    """Sometimes one of 2 × 2 positions, where these touch each other."""
    if periodic or rng.random() < 0.5 or any(n % 2 for n in shape):
        return []
    windows = {"window": [2, 2], "strides": [2, 2], "padding": "VALID"}
    kinds = {"AvgPool": {"normalize_edges": False}, "SumPool": {}}
    name = str(rng.choice(list(kinds)))
    return [[name, windows | kinds[name]]]
