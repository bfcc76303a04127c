"""Infinite-width NNGP and NTK of one network on all samples of one data set."""

import xarray as xr

from widelimit.datasets import images
from widelimit.kernels import compute
from widelimit.networks import named
from widelimit.provenance.job import record
from widelimit.store import array, read, write

with record(snakemake):
    data = read(snakemake.input.dataset)
    network, dtype = dict(snakemake.params.network), snakemake.params.precision
    x = data.x.values if network["kind"] == "mlp" else images(data)
    kernels = compute(named(**network), x, dtype=dtype, progress=True)
    dims = ("sample", "sample_other")
    number = data.sample.values
    result = xr.Dataset(
        {
            "nngp": array(kernels.nngp, dims, "covariance of outputs at initialisation"),
            "ntk": array(kernels.ntk, dims, "neural tangent kernel"),
            "split": data.split.variable,
        },
        {
            "sample": data.sample.variable,
            "sample_other": array(
                number, "sample_other", "number of the other sample in its source"
            ),
        },
        {
            "dataset": snakemake.wildcards.dataset,
            "network": snakemake.wildcards.network,
            "architecture": ", ".join(f"{k} = {v}" for k, v in network.items()),
            "precision": dtype,
        },
    )
    write(result, snakemake.output.kernel)
