"""Exact eigenvalues of each network's kernels on the sphere, beside sampled ones."""

from widelimit.networks import named
from widelimit.provenance.job import record
from widelimit.store import stack, write
from widelimit.theory.sphere_study import sphere_study

with record(snakemake):
    settings = snakemake.params.settings
    parts = {
        name: sphere_study(
            named(**network),
            seed=snakemake.params.seed,
            dimension=settings["sphere_dimension"],
            degrees=settings["sphere_degrees"],
            samples=settings["sphere_samples"],
        )
        for name, network in snakemake.params.networks.items()
    }
    write(stack("network", parts, "network"), snakemake.output.spectrum)
