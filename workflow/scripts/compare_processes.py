"""Gaussian processes with the kernels of a network beside others, on one data set."""

from widelimit.networks import named
from widelimit.provenance.job import record
from widelimit.sklearn.processes_study import processes_study
from widelimit.store import read, write

with record(snakemake):
    params = snakemake.params
    result = processes_study(
        read(snakemake.input.dataset),
        named(**params.network),
        seed=params.seed,
        name=snakemake.wildcards.dataset,
        **params.settings,
    )
    architecture = ", ".join(f"{k} = {v}" for k, v in params.network.items())
    write(result.assign_attrs(architecture=architecture), snakemake.output.comparison)
