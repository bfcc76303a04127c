#!/bin/sh
# Run by Snakemake inside the new conda environment, in the folder in which Snakemake was started: the
# project's root. The package stays where it is, so that sources and their digests are those of the checkout.
set -eu
python -m pip install --require-hashes -r envs/cpu.txt
python -m pip install --no-deps --no-build-isolation --editable .
