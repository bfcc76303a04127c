"""Interpolation of noisy labels on the sphere and on real data."""

from widelimit.provenance.job import record
from widelimit.store import read, stack, write
from widelimit.theory.overfitting_study import overfitting_study

with record(snakemake):
    pool = read(snakemake.input.dataset).x.values
    domains = {"sphere S²": None, snakemake.params.dataset: pool}
    parts = {
        domain: overfitting_study(inputs, seed=snakemake.params.seed, **snakemake.params.settings)
        for domain, inputs in domains.items()
    }
    write(stack("domain", parts, "where inputs come from"), snakemake.output.overfitting)
