"""How empirical kernels approach the analytic one as the width grows."""

from widelimit.provenance.job import record
from widelimit.store import open_chunks, read, write
from widelimit.theory.width_scaling_study import width_scaling_study

with record(snakemake), open_chunks(snakemake.input.manifests) as empirical:
    result = width_scaling_study(
        empirical,
        read(snakemake.input.kernel),
        seed=snakemake.params.seed,
        fit_from=snakemake.params.fit_from,
    )
    write(result, snakemake.output.scaling)
