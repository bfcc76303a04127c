"""Eigenvalues, decay and effective ranks of the analytic kernels on one data set."""

from widelimit.provenance.job import record
from widelimit.store import read, write
from widelimit.theory.spectrum_study import spectrum_study

with record(snakemake):
    result = spectrum_study(
        read(snakemake.input.kernel),
        seed=snakemake.params.seed,
        decay_range=tuple(snakemake.params.decay_range),
    )
    write(result, snakemake.output.spectrum)
