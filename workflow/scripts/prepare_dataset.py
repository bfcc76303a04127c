"""One data set: loaded, split, standardised and labelled."""

from widelimit.datasets import load, prepare
from widelimit.keys import numpy_generator
from widelimit.provenance.job import record
from widelimit.store import write

with record(snakemake):
    settings = snakemake.params.settings
    rng = numpy_generator(snakemake.params.seed, "dataset", snakemake.wildcards.dataset)
    dataset = prepare(
        load(settings, rng),
        rng,
        classes=settings.get("classes"),
        **{key: settings[key] for key in ("train", "test", "standardize", "noise", "balanced")},
    )
    write(dataset, snakemake.output.dataset)
