"""An ensemble's kernels on disk, in chunks of draws that survive an interruption."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
import xarray as xr
from tqdm import tqdm

from widelimit.networks import Layer
from widelimit.store import array, compute_chunks
from widelimit.tangents.ensemble import sample_ntk

__all__ = ["sample_chunks"]


def sample_chunks(
    manifest: str | Path,
    net: Layer,
    key: jax.Array,
    data: xr.Dataset,
    *,
    width: int,
    seeds: int,
    seeds_per_chunk: int,
    recipe: Mapping[str, Any],
) -> list[Path]:
    """Compute kernels of ``seeds`` draws of one network and store them as chunks with a manifest.

    Args:
        manifest: path of the manifest, see `store.compute_chunks`.
        net: the network, with its finite widths.
        key: the ensemble's key.
        data: ``x`` (sample, feature) with the coordinate ``sample``.
        width: the width, a coordinate of the result.
        seeds, seeds_per_chunk: number of draws, in all and in one file.
        recipe: what else determines the values; it marks the chunks.

    Returns:
        The chunk files, each with ``ntk`` (width, seed, sample, sample_other).
    """
    starts = range(0, seeds, seeds_per_chunk)
    draws = {f"seeds-{s:05d}": np.arange(s, min(s + seeds_per_chunk, seeds)) for s in starts}
    number = data.sample.values
    with tqdm(total=len(draws), desc=f"chunks at width {width}", mininterval=2) as bar:

        def chunk(name: str) -> xr.Dataset:
            kernels = sample_ntk(net, key, draws[name], data.x.values)
            bar.update()
            dims = ("width", "seed", "sample", "sample_other")
            return xr.Dataset(
                {
                    "ntk": array(
                        kernels[None], dims, "empirical tangent kernel, traced over outputs"
                    )
                },
                {
                    "width": array([width], "width", "units of each hidden layer"),
                    "seed": array(draws[name], "seed", "number of the draw"),
                    "sample": array(number, "sample", "number of the sample in its source"),
                    "sample_other": array(number, "sample_other", "number of the other sample"),
                },
            )

        marked = {**recipe, "width": width, "per_chunk": seeds_per_chunk, "jax": jax.__version__}
        return compute_chunks(manifest, list(draws), chunk, marked)
