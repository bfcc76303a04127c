"""A two-layer network as particles: energy balance, deviations from the limit, transport."""

from widelimit.provenance.job import record
from widelimit.store import write
from widelimit.studies.meanfield.study import particle_study

with record(snakemake):
    result = particle_study(snakemake.params.seed, **snakemake.params.settings)
    write(result, snakemake.output.particles)
