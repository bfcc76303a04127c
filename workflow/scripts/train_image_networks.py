"""Trained networks of one width, one for each training set."""

from widelimit.networks import named
from widelimit.provenance.job import record
from widelimit.store import read, write
from widelimit.studies.images.learners import by_networks
from widelimit.studies.images.subsets import subsets

with record(snakemake):
    params = snakemake.params
    sets = subsets(read(snakemake.input.dataset), seed=params.seed, **params.subsets)
    width = int(snakemake.wildcards.width)
    net = named(**params.network, width=width, outputs=sets[0].outputs)
    result = by_networks(
        net, sets, seed=params.seed, steps=params.steps, learning_rate=params.learning_rate / width**0.5
    )  # fmt: skip
    attrs = {"readout": snakemake.wildcards.readout, "width": width}
    write(result.assign_attrs(attrs), snakemake.output.found)
