"""Verdicts on all claims and controls together."""

import json

from widelimit.claims.ledger import compile_ledger
from widelimit.provenance.job import record
from widelimit.store import atomic, read

with record(snakemake):
    entries = compile_ledger([read(path) for path in snakemake.input.measurements])
    with atomic(snakemake.output.ledger) as path:
        path.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n")
