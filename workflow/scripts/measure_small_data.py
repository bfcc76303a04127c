"""Test accuracy of one network's kernel against the number of training images."""

from pathlib import Path

from widelimit.kernels import open as open_kernel
from widelimit.provenance.job import record
from widelimit.store import read, write
from widelimit.theory.small_data import labels, small_data

with record(snakemake):
    params = snakemake.params
    train, cross = (
        open_kernel(folder).ntk.values for folder in map(Path, (params.train, params.test))
    )
    result = small_data(
        train, cross, labels(read(snakemake.input.dataset)), seed=params.seed, **params.settings
    )
    attrs = {"dataset": snakemake.wildcards.dataset, "network": snakemake.wildcards.network}
    write(result.assign_attrs(attrs), snakemake.output.accuracy)
