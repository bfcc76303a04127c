"""Networks of all widths and kernels, on the same training sets and test images."""

from widelimit.provenance.job import record
from widelimit.store import read, write
from widelimit.studies.images.comparison import compare

with record(snakemake):
    params = snakemake.params
    parts = [read(path) for path in (*snakemake.input.trained, *snakemake.input.kernel)]
    found = {(part.attrs["readout"], float(part.attrs["width"])): part for part in parts}
    result = compare(found, seed=params.seed, resamples=params.resamples)
    attrs = {"dataset": params.dataset, "train": params.train}
    write(result.assign_attrs(attrs), snakemake.output.comparison)
