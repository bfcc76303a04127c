"""One share of a kernel of images: that of the training images, or that between test and training images."""

from pathlib import Path

import xarray as xr

from widelimit.datasets import sides
from widelimit.kernels import compute_part
from widelimit.kernels.receipts import Receipt, folder_of
from widelimit.networks import named
from widelimit.provenance.job import record
from widelimit.store import sha256

with record(snakemake) as job:
    names, params = snakemake.wildcards, snakemake.params
    recipe = {
        "dataset": sha256(snakemake.input.dataset),
        "network": dict(params.network),
        "precision": params.precision,
        "sources": params.sources,
    }
    folder = folder_of(Path(snakemake.output.receipt).parent, recipe)
    with xr.open_dataset(snakemake.input.dataset, engine="netcdf4") as data:
        x1, x2 = sides(data, names.half)
        files = compute_part(
            named(**params.network), x1, x2, out=folder, part=int(names.share), parts=int(names.shares), get="ntk",
            dtype=params.precision,
        )  # fmt: skip
    job.produced([*files, folder / "manifest.json"])
    Receipt.of(files, folder).write(snakemake.output.receipt)
