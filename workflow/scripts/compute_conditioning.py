"""Extreme eigenvalues of the tangent kernel against depth, in three phases."""

from widelimit.provenance.job import record
from widelimit.store import read, write
from widelimit.theory.conditioning_study import conditioning_study

with record(snakemake):
    data = read(snakemake.input.dataset).isel(sample=slice(snakemake.params.samples))
    result = conditioning_study(data.x.values, snakemake.params.depths)
    write(result.assign_attrs(dataset=snakemake.params.dataset), snakemake.output.conditioning)
