"""Interpolation of noise on the sphere and on real data, as labelled arrays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import xarray as xr
from tqdm import tqdm

from widelimit.datasets.generated import uniform_sphere
from widelimit.kernels import compute
from widelimit.keys import numpy_generator
from widelimit.networks import mlp
from widelimit.store import array
from widelimit.theory import sphere
from widelimit.theory.eigenlearning import learn
from widelimit.theory.medians import medians
from widelimit.theory.overfitting import gaussian_kernel, noise_gain
from widelimit.theory.spectra import eigenvalues

__all__ = ["overfitting_study"]

_NET = mlp("relu", 3, w_std=2**0.5)
_LENGTHS = {"sphere": 0.3, "data": 1.0}
"""Lengths of the Gaussian kernel, over √(d/3)."""
_GUARD = 1e-13
"""A ridge relative to the diagonal that only guards against rounding."""

KERNELS = ("NTK", "NNGP", "Gaussian", "NTK with ridge")
"""The kernels compared: depth-3 ReLU without biases, and exp(-|x-x'|²/2ℓ²)."""

_RIDGES = {"NTK": _GUARD, "NNGP": _GUARD, "Gaussian": _GUARD, "NTK with ridge": 0.1}

Matrices = dict[str, np.ndarray]
Spectra = dict[str, tuple[np.ndarray, float]]
"""Eigenvalues, and the mean of the kernel's diagonal, which is the sum of all of them."""


def overfitting_study(
    pool: np.ndarray | None, *, seed: int, sizes: Sequence[int], trials: int, test: int
) -> xr.Dataset:
    """Test error for each unit of label noise against the number of samples, with its prediction.

    Args:
        pool: real inputs to draw training and test samples from, (m, d); None draws from S².
        seed: the study's seed.
        sizes: training set sizes.
        trials: independent draws.
        test: test samples.
    """
    name = "sphere" if pool is None else "data"
    if pool is not None and max(sizes) + test > len(pool):
        raise ValueError(
            f"sizes up to {max(sizes)} with {test} test samples need {max(sizes) + test} samples, "
            f"but the data set has {len(pool)}."
        )
    length = _LENGTHS[name] * float(np.sqrt((3 if pool is None else pool.shape[1]) / 3))
    gains = np.empty((len(KERNELS), len(sizes), trials))
    for j, n in enumerate(tqdm(sizes, f"overfitting on {name}", mininterval=2)):
        for trial in range(trials):
            rng = numpy_generator(seed, "overfitting", name, n, trial)
            x = uniform_sphere(rng, n + test, 3) if pool is None else _draw(rng, pool, n + test)
            gains[:, j, trial] = _gains(x[:n], x[n:], length)
    rng = numpy_generator(seed, "overfitting", name, "bootstrap")
    spectra = _sphere_spectra(length) if pool is None else _data_spectra(pool, length)
    dims = ("kernel", "size")
    return xr.Dataset(
        {
            "gain": array(gains, (*dims, "trial"), "test MSE for unit label noise"),
            **medians(gains, dims, rng),
            "prediction": array(
                [[_predict(*spectra[k], n, _RIDGES[k]) for n in sizes] for k in KERNELS],
                dims,
                "noise gain E₀ that the spectrum predicts",
            ),
        },
        {
            "kernel": array(list(KERNELS), "kernel", "kernel"),
            "size": array(list(sizes), "size", "training samples"),
            "trial": array(np.arange(trials), "trial", "number of the draw"),
            "bound": array(["low", "high"], "bound", "end of the interval"),
        },
        {"test_samples": test},
    )


def _draw(rng: np.random.Generator, pool: np.ndarray, n: int) -> np.ndarray:
    return pool[rng.choice(len(pool), n, replace=False)]


def _matrices(x1: np.ndarray, x2: np.ndarray | None, length: float) -> Matrices:
    kernels = compute(_NET, x1, x2)
    gaussian = gaussian_kernel(x1, x1 if x2 is None else x2, length)
    return {
        "NTK": kernels.ntk,
        "NNGP": kernels.nngp,
        "Gaussian": gaussian,
        "NTK with ridge": kernels.ntk,
    }


def _gains(train: np.ndarray, test: np.ndarray, length: float) -> list[float]:
    square, cross = _matrices(train, None, length), _matrices(train, test, length)
    return [
        noise_gain(square[k], cross[k], _RIDGES[k] * np.mean(np.diag(square[k]))) for k in KERNELS
    ]


def _sphere_spectra(length: float, degrees: int = 300) -> Spectra:
    """Exact eigenvalues on S², each as often as its multiplicity, and the kernels' diagonals."""
    exact = sphere.eigenvalues(_NET, 3, degrees, nodes=2000)
    at_zero = sphere.on_angles(_NET, np.zeros(1))
    gaussian = sphere.eigenvalues_of(
        lambda theta: np.exp(-3 * (1 - np.cos(theta)) / length**2), 3, degrees, nodes=2000
    )
    repeat = partial(sphere.repeat_by_multiplicity, dimension=3)
    ntk = repeat(exact.ntk), float(at_zero.ntk[0])
    nngp = repeat(exact.nngp), float(at_zero.nngp[0])
    return {"NTK": ntk, "NNGP": nngp, "Gaussian": (repeat(gaussian), 1.0), "NTK with ridge": ntk}


def _data_spectra(pool: np.ndarray, length: float) -> Spectra:
    """Eigenvalues of the kernel matrices of the whole pool, which stand for those of the law."""
    matrices = _matrices(pool, None, length)
    return {
        k: (np.maximum(eigenvalues(m), 0), float(np.mean(np.diag(m)))) for k, m in matrices.items()
    }


def _predict(values: np.ndarray, diagonal: float, n: int, ridge: float) -> float:
    """E₀ with what is missing of the trace as a ridge: so acts a long tail of tiny eigenvalues."""
    tail = max(diagonal - float(values.sum()), 0.0)
    return learn(values, n, ridge * diagonal + tail).noise_gain
