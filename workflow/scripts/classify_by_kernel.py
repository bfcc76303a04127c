"""What the tangent kernel of one network finds of the test images, for each training set."""

from widelimit.networks import named
from widelimit.provenance.job import record
from widelimit.store import read, write
from widelimit.studies.images.comparison import KERNEL
from widelimit.studies.images.learners import by_kernel
from widelimit.studies.images.subsets import subsets

with record(snakemake):
    params = snakemake.params
    sets = subsets(read(snakemake.input.dataset), seed=params.seed, **params.subsets)
    result = by_kernel(named(**params.network), sets, **params.regression)
    attrs = {"readout": snakemake.wildcards.readout, "width": KERNEL}
    write(result.assign_attrs(attrs), snakemake.output.found)
