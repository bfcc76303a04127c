"""All shares of a kernel as one: each file is compared with its receipt, and made again if it is not as it was."""

import json
import logging
from pathlib import Path

from widelimit.datasets import sides
from widelimit.kernels import compute_part
from widelimit.kernels.receipts import discard_broken, receipt
from widelimit.networks import named
from widelimit.provenance.job import record
from widelimit.store import atomic, read

with record(snakemake) as job:
    params = snakemake.params
    receipts = {
        name: digest
        for path in snakemake.input.receipts
        for name, digest in json.loads(Path(path).read_text()).items()
    }
    for name in discard_broken(params.folder, receipts):
        logging.warning("%s is missing or not as its receipt says: it is made again", name)
    x1, x2 = sides(read(snakemake.input.dataset), snakemake.wildcards.half)
    files = compute_part(
        named(**params.network), x1, x2, out=params.folder, part=0, parts=1, get="ntk", dtype=params.precision
    )  # fmt: skip
    job.produced([*files, params.folder / "manifest.json"])
    with atomic(snakemake.output.index) as temporary:
        temporary.write_text(json.dumps(receipt(files), indent=1) + "\n")
