"""A linear-quadratic mean-field game: closed form, collocation, agents."""

from widelimit.provenance.job import record
from widelimit.store import write
from widelimit.studies.meanfield.study import game_study

with record(snakemake):
    result = game_study(snakemake.params.seed, agents=snakemake.params.agents)
    write(result, snakemake.output.game)
