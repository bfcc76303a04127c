"""Exact eigenvalues on the sphere beside those of random points, as labelled arrays."""

from __future__ import annotations

import numpy as np
import xarray as xr

from widelimit.datasets.generated import uniform_sphere
from widelimit.kernels import compute
from widelimit.keys import numpy_generator
from widelimit.networks import Layer
from widelimit.store import array
from widelimit.theory import sphere
from widelimit.theory.spectra import eigenvalues

__all__ = ["sphere_study"]


def sphere_study(
    net: Layer, *, seed: int, dimension: int, degrees: int, samples: int
) -> xr.Dataset:
    """Exact eigenvalues on the sphere beside those of a kernel matrix of random points."""
    exact = sphere.eigenvalues(net, dimension, degrees)
    points = uniform_sphere(numpy_generator(seed, "sphere", dimension), samples, dimension)
    theta = np.linspace(0, np.pi, 181)
    return xr.Dataset(
        {
            "kernel_value": array(
                sphere.on_angles(net, theta), ("kernel", "angle"), "kernel at an angle, |x|² = d"
            ),
            "eigenvalue": array(list(exact), ("kernel", "degree"), "eigenvalue of a degree, exact"),
            "multiplicity": array(
                [sphere.multiplicity(dimension, k) for k in range(degrees + 1)],
                "degree",
                "number of spherical harmonics of a degree",
            ),
            "sampled": array(
                [eigenvalues(matrix) for matrix in compute(net, points)],
                ("kernel", "mode"),
                "eigenvalue of the kernel matrix of random points over their number",
            ),
        },
        {
            "kernel": array(["nngp", "ntk"], "kernel", "kernel"),
            "degree": array(np.arange(degrees + 1), "degree", "degree of the spherical harmonics"),
            "mode": array(np.arange(1, samples + 1), "mode", "index of the eigenvalue"),
            "angle": array(np.degrees(theta), "angle", "angle between inputs", "degree"),
        },
        {"dimension": dimension},
    )
