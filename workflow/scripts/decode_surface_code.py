"""Learned decoders of the rotated surface code at one distance, beside matching."""

from widelimit.provenance.job import record
from widelimit.store import write
from widelimit.studies.decoder.surface_code_study import surface_code_study

with record(snakemake):
    result = surface_code_study(
        snakemake.params.seed,
        distance=int(snakemake.wildcards.distance),
        **snakemake.params.settings,
    )
    write(result, snakemake.output.decoding)
