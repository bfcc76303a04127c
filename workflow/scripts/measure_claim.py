"""One claim and its negative control, measured."""

from widelimit.claims.ledger import measure_claim
from widelimit.claims.registry import load
from widelimit.provenance.job import record
from widelimit.store import write

with record(snakemake):
    result = measure_claim(load(snakemake.wildcards.claim), snakemake.params.seed)
    write(result, snakemake.output.measurement)
