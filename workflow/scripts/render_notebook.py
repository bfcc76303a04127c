"""One notebook, executed on this study's data files, as .ipynb and .html."""

from widelimit.provenance.job import record
from widelimit.report.notebooks import render

with record(snakemake):
    render(
        snakemake.input.template,
        {name: snakemake.input[name] for name in snakemake.params.inputs},
        snakemake.output.notebook,
        snakemake.output.html,
    )
