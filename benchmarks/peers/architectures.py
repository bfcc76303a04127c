"""Random architectures as plain data, which both libraries can build.

A network is a list of layers; a layer is ``[name, {argument: value}]``, and the arguments of ``branches``
are networks. Each layer type and each pair of neighbouring types comes up again and again, since every
network is drawn layer by layer from all types that may follow.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

__all__ = ["INPUTS", "architectures", "inputs", "pairs_of"]

INPUTS = {"vector": (7,), "image": (5, 4, 3)}
"""Shapes of inputs, without the axis of samples."""

Layer = list[Any]


def architectures(seed: int, count: int) -> list[dict[str, Any]]:
    """``count`` architectures: ``{"input": kind, "layers": [...]}``."""
    rng = np.random.default_rng(seed)
    return [_architecture(rng) for _ in range(count)]


def inputs(seed: int, kind: str) -> np.ndarray:
    """Six inputs: four random ones, one of them again scaled, its opposite, and zero."""
    x = np.random.default_rng(seed).standard_normal((3, *INPUTS[kind]))
    return np.concatenate([x, 2 * x[:1], -x[1:2], np.zeros_like(x[:1])])


def pairs_of(architecture: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of neighbouring layer types."""
    names = [name for name, _ in architecture["layers"]]
    return list(itertools.pairwise(names))


def _architecture(rng: np.random.Generator) -> dict[str, Any]:
    kind = str(rng.choice(["vector", "image"]))
    layers: list[Layer] = []
    spatial = kind == "image"
    for _ in range(rng.integers(1, 7)):
        layers.append(_linear(rng, spatial))
        if spatial and rng.random() < 0.25:
            layers.append(_pool(rng))
        if rng.random() < 0.15:
            layers.append(["LayerNorm", {}])
        if rng.random() < 0.2:
            layers.append(_residual(rng, spatial))
        layers.append(_activation(rng))
    if spatial:
        layers.append([str(rng.choice(["Flatten", "GlobalAvgPool", "GlobalSumPool"])), {}])
    layers.append(_dense(rng))
    return {"input": kind, "layers": layers}


def _scales(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "w_std": float(rng.uniform(0.7, 1.6)),
        "b_std": None if rng.random() < 0.4 else float(rng.uniform(0.05, 1.0)),
    }


def _dense(rng: np.random.Generator) -> Layer:
    return ["Dense", _scales(rng)]


def _linear(rng: np.random.Generator, spatial: bool) -> Layer:
    if not spatial or rng.random() < 0.15:
        return _dense(rng)
    shape = {
        "window": [int(rng.integers(1, 4)), int(rng.integers(1, 4))],
        "padding": str(rng.choice(["SAME", "CIRCULAR"])),
    }
    return ["Conv", {**shape, **_scales(rng)}]


def _pool(rng: np.random.Generator) -> Layer:
    return [
        str(rng.choice(["AvgPool", "SumPool"])),
        {"window": [2, 2], "padding": str(rng.choice(["SAME", "CIRCULAR"]))},
    ]


def _residual(rng: np.random.Generator, spatial: bool) -> Layer:
    branch = [_activation(rng), ["Conv1x1", _scales(rng)] if spatial else _dense(rng)]
    return ["Residual", {"branch": branch}]


def _activation(rng: np.random.Generator) -> Layer:
    a, b, c = (float(v) for v in rng.uniform(0.3, 1.3, 3))
    choices: list[Layer] = [
        ["Relu", {}], ["LeakyRelu", {"slope": b - 0.6}], ["Abs", {}], ["ABRelu", {"a": -a, "b": b}],
        ["Erf", {"a": a, "b": b, "c": c}], ["SigmoidLike", {}], ["Gelu", {}], ["Rbf", {"gamma": a}],
        ["Sin", {"a": a, "b": b, "c": c}], ["Cos", {"a": a, "b": b, "c": c}], ["Sign", {}],
        ["Exp", {"a": a, "b": b / 4}], ["Gaussian", {"a": a, "b": b}], ["Gabor", {}],
        ["ExpNormalized", {"gamma": a, "shift": -1.0}], ["Monomial", {"degree": int(rng.integers(1, 4))}],
        ["RectifiedMonomial", {"degree": int(rng.integers(1, 4))}], ["Polynomial", {"powers": [a, b, c / 5]}],
    ]  # fmt: skip
    return choices[rng.integers(len(choices))]
