"""One figure, drawn from its data files alone."""

from widelimit.figures.draw import draw
from widelimit.provenance.job import record

with record(snakemake):
    inputs = {name: snakemake.input[name] for name in snakemake.params.inputs}
    draw(snakemake.wildcards.figure, inputs, snakemake.output.figure)
