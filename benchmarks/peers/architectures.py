"""Random architectures as plain data, which both libraries can build.

A network is a list of layers; a layer is ``[type, {argument: value}]``, and the arguments of layers with
branches are networks. Networks are drawn by one or two layers at a time: of all that may follow, those that hold
the pair of neighbouring types that came up least so far, so that each pair comes up about as often as any other.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "CLOSED",
    "ENDS",
    "INPUTS",
    "Layer",
    "architectures",
    "inputs",
    "pairs_of",
    "scales",
    "shape_behind",
]

INPUTS = {"vector": (7,), "image": (4, 3, 3), "series": (7,), "picture": (8, 4, 3)}
"""Shapes of inputs, without the axis of samples; those of "series" go through what has no closed form, and a "picture" goes
through what has compiled code."""

KINDS = {"vector": (0.15, 6), "image": (0.7, 6), "series": (0.15, 3)}
"""Shares of networks, and their largest depths: each activation without a closed form takes seconds to compile."""

Layer = list[Any]
Drawn = dict[str, Callable[[np.random.Generator, tuple[int, ...]], dict[str, Any]]]


def architectures(seed: int, count: int) -> list[dict[str, Any]]:
    """``count`` architectures: ``{"input": kind, "layers": [...]}``."""
    draw = _Draw(np.random.default_rng(seed))
    return [draw.architecture() for _ in range(count)]


def inputs(seed: int, kind: str) -> np.ndarray:
    """Six inputs: three random ones, one of them again scaled, another's opposite, and zero."""
    x = np.random.default_rng(seed).standard_normal((3, *INPUTS[kind]))
    return np.concatenate([x, 2 * x[:1], -x[1:2], np.zeros_like(x[:1])])


def pairs_of(architecture: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of neighbouring layer types."""
    names = [name for name, _ in architecture["layers"]]
    return list(itertools.pairwise(names))


def scales(rng: np.random.Generator, _shape: tuple[int, ...]) -> dict[str, Any]:
    return {
        "w_std": float(rng.uniform(0.7, 1.6)),
        "b_std": None if rng.random() < 0.4 else float(rng.uniform(0.05, 1.0)),
    }


def _windows(rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Any]:
    """Strides only where more than two positions are left."""
    return {
        "window": [int(rng.integers(1, min(3, n) + 1)) for n in shape],
        "strides": [int(rng.integers(1, 3)) if n > 2 else 1 for n in shape],
        "padding": str(rng.choice(["SAME", "VALID", "CIRCULAR"])),
    }


def _conv(rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Any]:
    return _windows(rng, shape) | scales(rng, shape)


def _pointwise(rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Any]:
    ones = [1] * len(shape)
    return {"window": ones, "strides": ones, "padding": "SAME"} | scales(rng, shape)


def _transposed(rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Any]:
    strides = [int(rng.integers(1, 3)) if n < 3 else 1 for n in shape]
    return _conv(rng, shape) | {"strides": strides}


def _average(rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Any]:
    return _windows(rng, shape) | {"normalize_edges": bool(rng.random() < 0.5)}


def _places(rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Any]:
    return {"start": [int(rng.integers(0, n)) if n > 2 else 0 for n in shape]}


def _attention(rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Any]:
    choices = [("1/d", "softmax"), ("1/d", "relu"), ("1/sqrt(d)", "identity")]
    scale, mechanism = choices[rng.integers(len(choices))]
    more = {"attention": float(rng.uniform(0.2, 1.0)), "scale": scale, "mechanism": mechanism}
    return scales(rng, shape) | more


def _weights(rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Any]:
    """Weights of the positions along the first axis, which vanishes."""
    return {"weights": rng.uniform(-1, 1, shape[0]).tolist()}


def _powers(rng: np.random.Generator, _shape: tuple[int, ...]) -> dict[str, Any]:
    return {"degree": int(rng.integers(1, 4))}


def _rate(rng: np.random.Generator, _shape: tuple[int, ...]) -> dict[str, Any]:
    return {"rate": float(rng.uniform(0.1, 0.6))}


def _nothing(_rng: np.random.Generator, _shape: tuple[int, ...]) -> dict[str, Any]:
    return {}


def _numbers(**factors: float) -> Callable[..., dict[str, Any]]:
    """Arguments between 0.3 and 1.3, each times a factor."""
    return lambda rng, _: {k: f * float(rng.uniform(0.3, 1.3)) for k, f in factors.items()}


CLOSED: Drawn = {
    "Relu": _nothing, "LeakyRelu": lambda rng, _: {"slope": float(rng.uniform(-0.3, 0.7))},
    "Abs": _nothing, "ABRelu": _numbers(a=-1, b=1), "Erf": _numbers(a=1, b=1, c=1),
    "SigmoidLike": _nothing, "Gelu": _nothing, "Rbf": _numbers(gamma=1), "Sin": _numbers(a=1, b=1, c=1),
    "Cos": _numbers(a=1, b=1, c=1), "Sign": _nothing, "Exp": _numbers(a=1, b=0.25),
    "Gaussian": _numbers(a=1, b=1), "Gabor": _nothing,
    "ExpNormalized": lambda rng, _: {"gamma": float(rng.uniform(0.3, 1.3)), "shift": -1.0},
    "Monomial": _powers, "RectifiedMonomial": _powers,
    "Polynomial": lambda rng, _: {"powers": (rng.uniform(0.3, 1.3, 3) * [1, 1, 0.2]).tolist()},
}  # fmt: skip

SERIES: Drawn = dict.fromkeys(("Tanh", "Sigmoid", "Silu", "Softplus", "Mish", "GeluTanh"), _nothing)

ACTIVATIONS = {"vector": CLOSED, "image": CLOSED, "series": SERIES}

DENSE: Drawn = {"Dense": scales, "StandardDense": scales}

WEIGHTS: dict[str, Drawn] = {
    "vector": DENSE, "series": DENSE,
    "image": {
        "Conv": _conv, "StandardConv": _conv, "Conv1x1": _pointwise, "ConvTranspose": _transposed,
        "ConvLocal": _conv, "GlobalSelfAttention": _attention,
    },
}  # fmt: skip
"""Layers with weights: what is behind them is Gaussian."""

MAPS: Drawn = {
    "AvgPool": _average, "SumPool": _windows, "Index": _places, "Aggregate": _weights,
}  # fmt: skip
"""Maps of positions: they may stand anywhere in a network of images."""

LAST: Drawn = {"Dense": scales}

ENDS: Drawn = {"Flatten": _nothing, "GlobalAvgPool": _nothing, "GlobalSumPool": _nothing}


class _Draw:
    """Draws networks; remembers how often each type followed each."""

    def __init__(self, rng: np.random.Generator):
        self.rng, self.followed = rng, Counter[tuple[str, str]]()

    def architecture(self) -> dict[str, Any]:
        """Blocks of weights and an activation, perhaps with something more behind each of both."""
        kind = str(self.rng.choice(list(KINDS), p=[share for share, _ in KINDS.values()]))
        end = ENDS if kind == "image" else LAST
        depth = self.rng.integers(KINDS[kind][1])
        layers: list[Layer] = []
        self._next(layers, WEIGHTS[kind], kind)
        for then in [WEIGHTS[kind]] * depth + [end]:
            self._perhaps(layers, self._gaussian(layers, kind), ACTIVATIONS[kind], kind)
            self._perhaps(layers, self._other(layers, kind), then, kind)
        if kind == "image":
            self._next(layers, LAST, kind)
        drawn = {"input": kind, "layers": layers}
        # What is wrong with a pair shows once in a network.
        self.followed.subtract({pair: n - 1 for pair, n in Counter(pairs_of(drawn)).items()})
        return drawn

    def _gaussian(self, layers: list[Layer], kind: str) -> Drawn:
        """What keeps a field Gaussian."""
        branches = {"Residual": self._branches(kind, 1), "FanInSum": self._branches(kind, 2)}
        return {"LayerNorm": _nothing} | branches | self._maps(layers, kind)

    def _other(self, layers: list[Layer], kind: str) -> Drawn:
        """What does not."""
        branches = self._branches(kind, 2, linear=False)
        joined = {"FanInProd": branches, "FanInConcat": branches}
        return {"Dropout": _rate} | joined | self._maps(layers, kind)

    @staticmethod
    def _maps(layers: list[Layer], kind: str) -> Drawn:
        """Maps of positions; one axis of them stays."""
        axes = len(shape_behind(layers, INPUTS[kind][:-1]))
        allowed = {0: (), 1: set(MAPS) - {"Aggregate"}}.get(axes, MAPS)
        return {name: MAPS[name] for name in MAPS if name in allowed}

    def _perhaps(self, layers: list[Layer], more: Drawn, then: Drawn, kind: str) -> None:
        """One layer of ``then``, perhaps behind one of ``more``."""
        ways = [*((name,) for name in then), *itertools.product(more, then)]
        for name in self._rarest(layers[-1][0], ways):
            self._next(layers, {name: (more | then)[name]}, kind)

    def _next(self, layers: list[Layer], choices: Drawn, kind: str) -> None:
        """One more layer."""
        before = layers[-1][0] if layers else "inputs"
        (name,) = self._rarest(before, [(name,) for name in choices])
        self.followed[before, name] += 1
        layers.append([name, choices[name](self.rng, shape_behind(layers, INPUTS[kind][:-1]))])

    def _rarest(self, before: str, ways: list[tuple[str, ...]]) -> tuple[str, ...]:
        """One of the ways on that hold the pair of types that came up least."""
        pairs = [list(itertools.pairwise((before, *way))) for way in ways]
        counts = [sorted(self.followed[pair] for pair in way) for way in pairs]
        best = min(counts)
        return ways[self.rng.choice([i for i, count in enumerate(counts) if count == best])]

    @staticmethod
    def _branches(kind: str, count: int, linear: bool = True) -> Callable[..., dict[str, Any]]:
        """Branches of an activation and weights behind it, or in front of it if they need not be linear."""
        weights, draw = ("Conv1x1", _pointwise) if kind == "image" else ("Dense", scales)

        def branch(rng: np.random.Generator, shape: tuple[int, ...]) -> list[Layer]:
            name = str(rng.choice(list(ACTIVATIONS[kind])))
            layers = [[name, ACTIVATIONS[kind][name](rng, shape)], [weights, draw(rng, shape)]]
            return layers if linear else layers[::-1]

        return lambda rng, shape: {"branches": [branch(rng, shape) for _ in range(count)]}


def shape_behind(layers: list[Layer], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Numbers of positions behind layers, for this many in front."""
    for name, arguments in layers:
        if name in ENDS:
            return ()
        if name == "Index":
            shape = tuple(n - s for n, s in zip(shape, arguments["start"], strict=True))
        elif name == "Aggregate":
            shape = shape[1:]
        elif name == "ConvTranspose":
            shape = tuple(
                n * s + (max(k - s, 0) if arguments["padding"] == "VALID" else 0)
                for n, k, s in zip(shape, arguments["window"], arguments["strides"], strict=True)
            )
        elif "window" in arguments:
            shape = tuple(
                -(-(n - k + 1 if arguments["padding"] == "VALID" else n) // s)
                for n, k, s in zip(shape, arguments["window"], arguments["strides"], strict=True)
            )
    return shape
