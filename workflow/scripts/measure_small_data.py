"""Test accuracy of one network's kernel against the number of training images."""

from widelimit.datasets import labels
from widelimit.kernels import open as open_kernel
from widelimit.kernels.receipts import Receipt
from widelimit.provenance.job import record
from widelimit.store import read, write
from widelimit.theory.small_data import small_data

with record(snakemake):
    params = snakemake.params
    halves = [Receipt.read(snakemake.input[half]) for half in ("train", "test")]
    for half in halves:
        half.check()
    train, cross = (open_kernel(half.folder).ntk.values for half in halves)
    result = small_data(
        train, cross, labels(read(snakemake.input.dataset)), seed=params.seed, **params.settings
    )
    attrs = {"dataset": snakemake.wildcards.dataset, "network": snakemake.wildcards.network}
    write(result.assign_attrs(attrs), snakemake.output.accuracy)
