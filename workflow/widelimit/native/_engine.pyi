"""Compiled code (see ``module.cpp``)."""

import numpy as np

def instructions() -> str:
    """The set of instructions that it uses on this processor."""

def sources() -> str:
    """A digest of the sources that it was built from."""

def rows(
    kinds: np.ndarray,
    numbers: np.ndarray,
    tables: np.ndarray,
    known1: np.ndarray,
    known2: np.ndarray,
    delta: np.ndarray,
    ntk: np.ndarray | None,
    nngp: np.ndarray | None,
    theta: np.ndarray | None,
    nngp_mirror: np.ndarray | None,
    theta_mirror: np.ndarray | None,
    triangle: bool,
) -> bool:
    """Carry pairs of samples through a program of steps, and put kernels into arrays.

    All arrays but the first two are of one type, float32 or float64.

    Args:
        kinds: what each step does, and how many rows it has in what is known, int32, shape (steps, 2).
        numbers: its numbers, float64, shape (steps, 3).
        tables: coefficients, see `steps.tables`.
        known1, known2: what is known of samples, and then their standard deviations behind the last step, shapes
            (known + 1, n1) and (known + 1, n2); columns, as those of ``delta`` and ``ntk``, go on to whole vectors.
        delta: one minus the correlation in front of the first step, shape (n1, n2).
        ntk: the tangent kernel there; None is 0.
        nngp, theta: where kernels go, at least one of both, of as many rows and columns or fewer.
        nngp_mirror, theta_mirror: where their transposes go.
        triangle: rows and columns are the same samples: the upper triangle is computed, and mirrors fill the lower one.

    Returns:
        Whether all numbers are finite.
    """

def images(
    kinds: np.ndarray,
    numbers: np.ndarray,
    tables: np.ndarray,
    shape: tuple[int, ...],
    x1: np.ndarray,
    known1: np.ndarray,
    x2: np.ndarray,
    known2: np.ndarray,
    periodic: bool,
    paired: bool,
    triangle: bool,
    readout: int,
    nngp: np.ndarray,
    theta: np.ndarray,
) -> None:
    """Carry pairs of images through a program of steps, and put sums over positions into arrays.

    Arrays from ``tables`` to ``known2`` are of one type, float32 or float64.

    Args:
        kinds: what each step does, how many arrays it has in what is known, height and width of its window, rows above
            and columns left of a position that it begins, and height and width of images behind it, int32, shape
            (steps, 8).
        numbers: its numbers, float64, shape (steps, 3).
        tables: coefficients, see `steps.tables`.
        shape: height, width and channels of the images.
        x1, x2: they, shapes (n1, numbers) and (n2, numbers).
        known1, known2: what is known of them, step by step, shapes (n1, known) and (n2, known).
        periodic: whether windows go on at the other end.
        paired: only image i with image i.
        triangle: both sides are the same images: what is below the diagonal may be left out.
        readout: one of `Readout`.
        nngp, theta: where sums go, float64, shape (n1, n2); for pairs (n, 1), or (n, positions) for variances.
    """
