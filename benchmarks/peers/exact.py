"""Kernels of an architecture in 40 digits, by the textbook's formulas: the arbiter where two libraries differ.

Usage: python exact.py architectures.json kernels.npz, in an environment with mpmath. Of the architectures it
takes those that ``task["disputed"]`` lists. With ``task["rounded"]`` what is behind each layer is changed by as much
as rounding to float64 changes it, all else being exact: what this moves, no computation in float64 can be asked for.

Nothing here is shared with the library: covariances are held as they are, not as one minus correlations, and
for all pairs of all positions of all samples at once.
"""

from __future__ import annotations

import functools
import itertools
import json
import multiprocessing
import sys
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from architectures import inputs
from exact_duals import DUALS
from kept import Kept

__all__ = ["exact_kernels"]

mp.mp.dps = 40


class Field:
    """K and Θ between all pairs of (sample, position), object arrays of mpf; and the shape of the positions.

    Finite channels count for the standard parameterisation alone: there is one behind each layer with weights.
    """

    def __init__(
        self, k: np.ndarray, theta: np.ndarray, samples: int, shape: tuple[int, ...], channels: int
    ):
        self.k, self.theta, self.samples, self.shape = k, theta, samples, shape
        self.channels = channels

    def replace(self, k: np.ndarray, theta: np.ndarray, shape: Any = None) -> Field:
        shape = self.shape if shape is None else shape
        return Field(k, theta, self.samples, shape, self.channels)


def exact_kernels(
    architecture: dict[str, Any], x: np.ndarray, *, rounded: bool = False
) -> dict[str, np.ndarray]:
    """NNGP and NTK, each (n, n), rounded to float64; and what is behind each layer is so too, if asked for."""
    samples, *shape, channels = x.shape
    rows = np.vectorize(mp.mpf, otypes=[object])(x.reshape(-1, channels))
    k = rows @ rows.T / channels
    field = Field(k, k * 0, samples, tuple(shape), channels)
    rng = np.random.default_rng(0)
    for layer in architecture["layers"]:
        field = _through([layer], _rounded(field, rng) if rounded else field)
    return {"nngp": field.k.astype(float), "ntk": field.theta.astype(float)}


def _rounded(field: Field, rng: np.random.Generator) -> Field:
    """K and Θ (1 - ε) for each pair of different rows, ε drawn up to 2⁻⁵³: correlations shrink, so that none is above 1."""
    draw = np.triu(rng.uniform(0, 1, field.k.shape), 1)
    change = 1 - (draw + draw.T) * mp.ldexp(1, -53)
    return field.replace(field.k * change, field.theta * change)


def _through(layers: list[Any], field: Field) -> Field:
    for name, arguments in layers:
        if name in LAYERS:
            field = LAYERS[name](field, **arguments)
            field.channels = 1 if name in WEIGHTS else field.channels
        else:
            field = _activate(field, name, arguments)
    return field


def _affine(
    field: Field, k: np.ndarray, theta: np.ndarray, w_std: float, b_std: float | None
) -> Field:
    w2, b2 = mp.mpf(w_std) ** 2, mp.mpf(b_std or 0) ** 2
    k = w2 * k + b2
    return field.replace(k, k + w2 * theta)


def _standard(
    field: Field, k: np.ndarray, theta: np.ndarray, w_std: float, b_std: float | None, fan_in: int
) -> Field:
    """Sohl-Dickstein et al. 2020: W of variance w²/N and not w/√N times one of variance 1; the same for b."""
    w2, b2 = mp.mpf(w_std) ** 2, mp.mpf(b_std or 0) ** 2
    return field.replace(w2 * k + b2, fan_in * k + (b_std is not None) + w2 * theta)


def _dense(field: Field, w_std: float, b_std: float | None) -> Field:
    return _affine(field, field.k, field.theta, w_std, b_std)


def _standard_dense(field: Field, w_std: float, b_std: float | None) -> Field:
    return _standard(field, field.k, field.theta, w_std, b_std, field.channels)


def _seen(field: Field, *windows: Any, transposed: bool = False) -> tuple[Field, Any, Any]:
    """The field behind windows, with the means of K and Θ over their cells."""
    cells, shape = _cells(field, *windows, transposed=transposed)
    k, theta = (sum(_at(m, i, i) for i in cells) / len(cells) for m in (field.k, field.theta))
    return field.replace(k, theta, shape), k, theta


def _conv(
    field: Field, window: Any, strides: Any, padding: str, w_std: float, b_std: float | None,
    transposed: bool = False,
) -> Field:  # fmt: skip
    return _affine(*_seen(field, window, strides, padding, transposed=transposed), w_std, b_std)


def _standard_conv(
    field: Field, window: Any, strides: Any, padding: str, w_std: float, b_std: float | None
) -> Field:
    fan_in = field.channels * int(np.prod(window))
    return _standard(*_seen(field, window, strides, padding), w_std, b_std, fan_in)


def _conv_local(field: Field, **arguments: Any) -> Field:
    """Weights of different positions are independent."""
    found = _conv(field, **arguments)
    position = np.arange(len(found.k)) % int(np.prod(found.shape))
    same = np.equal.outer(position, position)
    return found.replace(*(np.where(same, m, mp.mpf(0)) for m in (found.k, found.theta)))


def _pool(
    field: Field, window: Any, strides: Any, padding: str, normalize_edges: bool | None = None
) -> Field:
    """Sums; averages, over cells inside alone if edges are normalised, where that is True or False."""
    cells, shape = _cells(field, window, strides, padding)
    count = sum(np.where(i >= 0, 1, 1 - bool(normalize_edges)) for i in cells)
    total = 1 if normalize_edges is None else np.outer(count, count)
    return field.replace(
        *(sum(_at(m, i, j) for i in cells for j in cells) / total for m in (field.k, field.theta)),
        shape,
    )


def _index(field: Field, start: Any) -> Field:
    grid = np.arange(len(field.k)).reshape(field.samples, *field.shape)
    chosen = grid[(slice(None), *(slice(s, None) for s in start))]
    rows = chosen.ravel()
    return field.replace(*(_at(m, rows, rows) for m in (field.k, field.theta)), chosen.shape[1:])


def _aggregate(field: Field, weights: Any) -> Field:
    grid = np.arange(len(field.k)).reshape(field.samples, *field.shape)
    rows = [np.take(grid, place, 1).ravel() for place in range(len(weights))]
    pairs = [
        (mp.mpf(a) * mp.mpf(b), i, j)
        for (a, i), (b, j) in itertools.product(zip(weights, rows, strict=True), repeat=2)
    ]
    k, theta = (sum(ab * _at(m, i, j) for ab, i, j in pairs) for m in (field.k, field.theta))
    return field.replace(k, theta, field.shape[1:])


def _globally(field: Field, *, mean: bool) -> Field:
    n, p = field.samples, int(np.prod(field.shape))
    total = mp.mpf(p if mean else 1) ** 2
    k, theta = (m.reshape(n, p, n, p).sum((1, 3)) / total for m in (field.k, field.theta))
    return field.replace(k, theta, ())


def _flatten(field: Field) -> Field:
    n, p = field.samples, int(np.prod(field.shape))
    k, theta = (
        np.trace(m.reshape(n, p, n, p), axis1=1, axis2=3) / p for m in (field.k, field.theta)
    )
    return field.replace(k, theta, ())


def _attention(
    field: Field, w_std: float, b_std: float | None, attention: float, scale: str, mechanism: str
) -> Field:
    """Hron et al. 2020, theorems 3 and 4: weights from numbers, or from random logits."""
    n, p = field.samples, int(np.prod(field.shape))
    k, values = field.k, field.k + field.theta
    if scale == "1/d":
        logits = mp.mpf(attention) * k
        weights = _softmax(logits, p) if mechanism == "softmax" else np.maximum(logits, 0)
        weights = np.where(np.kron(np.eye(n), np.ones((p, p))) > 0, weights, mp.mpf(0))
        k, theta = (weights @ x @ weights.T for x in (k, values))
    else:
        # Logits are products of queries and keys, and each factor has weights of its own.
        square, product = (
            np.kron(x.reshape(n, p, n, p).sum((1, 3)), np.ones((p, p), int))
            for x in (k * k, 2 * k * values)
        )
        k, theta = (mp.mpf(attention) ** 2 * x for x in (k * square, values * square + k * product))
    return _affine(field, k, theta, w_std, b_std)


def _softmax(logits: np.ndarray, p: int) -> np.ndarray:
    """Over the positions of the same sample."""
    terms = np.vectorize(mp.exp, otypes=[object])(logits)
    sample = np.arange(len(logits)) // p
    terms = np.where(np.equal.outer(sample, sample), terms, mp.mpf(0))
    return terms / terms.sum(1, keepdims=True)


def _normalise(field: Field) -> Field:
    root = np.array([mp.sqrt(q + mp.mpf("1e-12")) for q in field.k.diagonal()])
    scale = np.outer(root, root)
    return field.replace(field.k / scale, field.theta / scale)


def _residual(field: Field, branches: list[Any]) -> Field:
    return _sum(field, [[], *branches])


def _sum(field: Field, branches: list[Any]) -> Field:
    parts = [_through(branch, field) for branch in branches]
    return parts[0].replace(sum(p.k for p in parts), sum(p.theta for p in parts))


def _product(field: Field, branches: list[Any]) -> Field:
    a, b = (_through(branch, field) for branch in branches)
    return a.replace(a.k * b.k, a.theta * b.k + a.k * b.theta)


def _concatenation(field: Field, branches: list[Any]) -> Field:
    found = _sum(field, branches)
    found = found.replace(found.k / len(branches), found.theta / len(branches))
    found.channels = len(branches)
    return found


def _cells(
    field: Field, window: Any, strides: Any, padding: str, transposed: bool = False
) -> tuple[list[np.ndarray], tuple[int, ...]]:
    """Rows seen through each cell of the windows, -1 for the padding; and the shape behind."""
    along = _along_transposed if transposed else _along
    sizes = zip(field.shape, window, strides, strict=True)
    places = [along(n, k, s, padding) for n, k, s in sizes]
    shape = tuple(len(p) for p in places)
    grid = np.arange(len(field.k)).reshape(field.samples, *field.shape)
    cells = []
    for cell in itertools.product(*map(range, window)):
        chosen = np.ix_(range(field.samples), *(p[:, d] for p, d in zip(places, cell, strict=True)))
        inside = functools.reduce(np.logical_and, [place >= 0 for place in chosen])
        cells.append(np.where(inside, grid[chosen], -1).ravel())
    return cells, shape


def _along(n: int, k: int, s: int, padding: str) -> np.ndarray:
    """Places along one axis, (positions behind, cells of the window), -1 outside."""
    count = (n - k) // s + 1 if padding == "VALID" else -(-n // s)
    low = 0 if padding == "VALID" else max((count - 1) * s + k - n, 0) // 2
    place = s * np.arange(count)[:, None] + np.arange(k) - low
    if padding == "CIRCULAR":
        return place % n
    return np.where((place >= 0) & (place < n), place, -1)


def _along_transposed(n: int, k: int, s: int, padding: str) -> np.ndarray:
    """The same with s - 1 zeros between the places, as `jax.lax.conv_transpose` pads."""
    count = n * s + (max(k - s, 0) if padding == "VALID" else 0)
    low = k - 1 if padding == "VALID" or s > k - 1 else -(-(k + s - 2) // 2)
    place = np.arange(count)[:, None] + np.arange(k) - low
    if padding == "CIRCULAR":
        place %= n * s
    inside = (place >= 0) & (place < n * s) & (place % s == 0)
    return np.where(inside, place // s, -1)


def _at(m: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    inside = np.outer(i >= 0, j >= 0)
    return np.where(inside, m[np.ix_(i, j)], mp.mpf(0))


def _activate(field: Field, name: str, arguments: dict[str, Any]) -> Field:
    dual, slope = DUALS[name](**arguments)
    q = [max(x, 0) for x in field.k.diagonal()]  # what vanishes may be negative in its last digit
    k, dot = np.empty_like(field.k), np.empty_like(field.k)
    for i, j in itertools.combinations_with_replacement(range(len(q)), 2):
        k[i, j] = k[j, i] = dual(q[i], q[j], field.k[i, j])
        dot[i, j] = dot[j, i] = slope(q[i], q[j], field.k[i, j])
    return field.replace(k, dot * field.theta)


LAYERS = {
    "Dense": _dense, "StandardDense": _standard_dense, "Conv": _conv, "Conv1x1": _conv,
    "StandardConv": _standard_conv, "ConvTranspose": functools.partial(_conv, transposed=True),
    "ConvLocal": _conv_local, "GlobalSelfAttention": _attention, "AvgPool": _pool, "SumPool": _pool, "Index": _index,
    "Aggregate": _aggregate, "FanInSum": _sum, "FanInProd": _product, "FanInConcat": _concatenation,
    "Dropout": lambda f, **_: f,
    "GlobalAvgPool": lambda f: _globally(f, mean=True),
    "GlobalSumPool": lambda f: _globally(f, mean=False),
    "Flatten": _flatten, "LayerNorm": _normalise, "Residual": _residual,
}  # fmt: skip

WEIGHTS = (
    "Dense",
    "StandardDense",
    "Conv",
    "Conv1x1",
    "StandardConv",
    "ConvTranspose",
    "ConvLocal",
    "GlobalSelfAttention",
)


DIGITS = (40, 80, 160, 320)

CLOSE = 1e-12
"""Kernels in fewer and in more digits are the same if they differ by less than this share of the largest entry."""


def _work(job: tuple[int, int, dict[str, Any], bool]) -> tuple[int, dict[str, np.ndarray]]:
    """Kernels in as many digits as it takes for more to change nothing: second moments may have hundreds of them.

    NaN where that is never so, which counts against both libraries.
    """
    i, seed, architecture, rounded = job
    x = inputs(seed + i, architecture["input"])
    before: dict[str, np.ndarray] | None = None
    for mp.mp.dps in DIGITS:
        try:
            kernels = exact_kernels(architecture, x, rounded=rounded)
        except ZeroDivisionError:  # all digits cancel
            continue
        if before is not None and all(_close(before[name], kernels[name]) for name in kernels):
            return i, {f"{name}{i}": kernel for name, kernel in kernels.items()}
        before = kernels
    print(f"the arbiter's {DIGITS[-1]} digits are too few for {json.dumps(architecture)}")
    unknown = np.full((len(x), len(x)), np.nan)
    return i, {f"nngp{i}": unknown, f"ntk{i}": unknown}


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.max(np.abs(a - b)) <= CLOSE * np.max(np.abs(b)))


def main(source: str, target: str) -> None:
    """Compute and save both kernels of each disputed architecture."""
    task, kept = json.loads(Path(source).read_text()), Kept(target)
    jobs = [
        (i, task["seed"], task["architectures"][i], task.get("rounded", False))
        for i in kept.missing(task["disputed"])
    ]
    with multiprocessing.Pool() as pool:
        for found in pool.imap_unordered(_work, jobs):
            kept.add(*found)
    kept.join(task["disputed"])


if __name__ == "__main__":
    main(*sys.argv[1:])
