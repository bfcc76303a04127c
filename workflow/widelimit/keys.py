"""Random keys derived from the study's seed and from names, so that every draw is reproducible."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import jax

__all__ = ["jax_key", "numpy_generator"]


def jax_key(seed: int, *labels: object) -> jax.Array:
    """A JAX key for ``labels`` under ``seed``; other labels give an independent key."""
    import jax  # many jobs only draw with NumPy, and this import takes long

    return jax.random.fold_in(jax.random.key(seed), int(_words(labels)[0]))


def numpy_generator(seed: int, *labels: object) -> np.random.Generator:
    """A NumPy generator for ``labels`` under ``seed``."""
    return np.random.default_rng(np.random.SeedSequence([seed, *_words(labels)]))


def _words(labels: tuple[object, ...]) -> np.ndarray:
    digest = hashlib.sha256("/".join(map(str, labels)).encode()).digest()
    return np.frombuffer(digest[:16], dtype="<u4")
