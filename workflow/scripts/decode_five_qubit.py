"""Learned decoders of the [[5,1,3]] code."""

from widelimit.provenance.job import record
from widelimit.store import write
from widelimit.studies.decoder.five_qubit_study import five_qubit_study

with record(snakemake):
    result = five_qubit_study(snakemake.params.seed, **snakemake.params.settings)
    write(result, snakemake.output.decoding)
