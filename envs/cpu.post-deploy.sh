#!/bin/sh
# Run by Snakemake inside the new conda environment, in the folder in which Snakemake was started.
set -eu
python -m pip install --require-hashes -r envs/cpu.txt
python -m pip install --no-deps --no-build-isolation .
