"""All shares of a kernel as one: each file is compared with the receipt of its share; tiles of other recipes go."""

import shutil

from widelimit.kernels import open as open_kernel
from widelimit.kernels.receipts import Receipt
from widelimit.provenance.job import record

with record(snakemake) as job:
    whole = Receipt.joined(snakemake.input.receipts)
    whole.check()
    open_kernel(whole.folder)  # all tiles are there
    job.produced([*whole.paths, whole.folder / "manifest.json"])
    whole.write(snakemake.output.index)
    for other in set(whole.folder.parent.glob("tiles-*")) - {whole.folder}:
        shutil.rmtree(other)
