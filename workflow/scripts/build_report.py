"""The report page: ledger, figures, run."""

from pathlib import Path

from widelimit.provenance.job import record
from widelimit.report.page import build_page
from widelimit.store import atomic

with record(snakemake):
    page = build_page(
        study=snakemake.params.study,
        tree=Path(snakemake.output.page).parents[1],
        ledger=snakemake.input.ledger,
        figures=list(snakemake.input.figures),
        notebooks=list(snakemake.input.notebooks),
        statements=list(snakemake.input.statements),
    )
    with atomic(snakemake.output.page) as path:
        path.write_text(page, encoding="utf-8")
