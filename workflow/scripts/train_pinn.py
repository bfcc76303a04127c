"""Physics-informed networks with one activation on one elasticity problem."""

from widelimit.provenance.job import record
from widelimit.store import write
from widelimit.studies.pinn.study import pinn_study

with record(snakemake):
    names = snakemake.wildcards
    result = pinn_study(
        names.problem,
        names.activation,
        seed=snakemake.params.seed,
        order=snakemake.params.points,
        **snakemake.params.settings,
    )
    write(result, snakemake.output.pinn)
