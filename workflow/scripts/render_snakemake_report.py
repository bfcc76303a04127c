"""Snakemake's own report of this run, as a zip archive that opens without a network."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from widelimit.provenance.job import record
from widelimit.store import atomic

with record(snakemake), tempfile.TemporaryDirectory() as folder:
    config, archive = Path(folder) / "config.json", Path(folder) / "report.zip"
    config.write_text(json.dumps(snakemake.params.config))
    # The running workflow holds the lock; the report only reads.
    command = [
        sys.executable, "-m", "snakemake", str(snakemake.input.page), "--nolock", "--cores", "1",
        "--snakefile", snakemake.params.snakefile, "--report", str(archive),
        "--configfile", str(config),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    with atomic(snakemake.output.archive) as path:
        path.write_bytes(archive.read_bytes())
