"""One share of a kernel of images: that of the training images, or that between test and training images."""

import json

from widelimit.datasets import sides
from widelimit.kernels import compute_part
from widelimit.kernels.receipts import receipt
from widelimit.networks import named
from widelimit.provenance.job import record
from widelimit.store import atomic, read

with record(snakemake) as job:
    names, params = snakemake.wildcards, snakemake.params
    x1, x2 = sides(read(snakemake.input.dataset), names.half)
    files = compute_part(
        named(**params.network), x1, x2, out=params.folder, part=int(names.share), parts=int(names.shares), get="ntk",
        dtype=params.precision,
    )  # fmt: skip
    job.produced([*files, params.folder / "manifest.json"])
    with atomic(snakemake.output.receipt) as temporary:
        temporary.write_text(json.dumps(receipt(files), indent=1) + "\n")
