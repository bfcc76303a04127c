"""Test error of random features through the interpolation threshold."""

from widelimit.provenance.job import record
from widelimit.store import write
from widelimit.theory.double_descent_study import descent_study

with record(snakemake):
    settings = snakemake.params.settings
    result = descent_study(
        seed=snakemake.params.seed,
        samples=100,
        features=settings["descent_features"],
        trials=settings["descent_trials"],
        noise=1.0,
        dimension=20,
    )
    write(result, snakemake.output.descent)
