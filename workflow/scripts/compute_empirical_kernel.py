"""Empirical tangent kernels of one network at one width, many draws, in chunks of draws."""

from widelimit.keys import jax_key
from widelimit.networks import named
from widelimit.provenance.job import record
from widelimit.store import read, sha256
from widelimit.tangents.chunks import sample_chunks

with record(snakemake) as job:
    names, params = snakemake.wildcards, snakemake.params
    width = int(names.width)
    recipe = {
        "dataset": sha256(snakemake.input.dataset),
        "network": dict(params.network),
        "samples": params.samples,
        "seed": params.seed,
        "sources": params.sources,
    }
    chunks = sample_chunks(
        snakemake.output.manifest,
        named(**params.network, width=width),
        jax_key(params.seed, "empirical", names.dataset, names.network, width),
        read(snakemake.input.dataset).isel(sample=slice(params.samples)),
        width=width,
        seeds=params.seeds,
        seeds_per_chunk=params.seeds_per_chunk,
        recipe=recipe,
    )
    job.produced(chunks)
