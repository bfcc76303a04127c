#!/bin/sh
# Resolve pyproject.toml into one universal requirement file with hashes for each purpose.
# Usage: sh envs/lock.sh path/to/uv
set -eu
uv=$1
compile() { # compile NAME EXTRA...
    name=$1
    shift
    extras=$(printf -- '--extra %s ' "$@")
    # shellcheck disable=SC2086
    "$uv" pip compile pyproject.toml $extras --output-file "envs/$name.txt" \
        --universal --generate-hashes --python-version 3.11 --fork-strategy requires-python \
        --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' --quiet $constraint
}
constraint='' compile cpu pipeline
constraint='--constraint envs/cpu.txt' compile dev pipeline dev
constraint='--constraint envs/cpu.txt' compile cuda pipeline cuda
# The peer that benchmarks compare with, in an environment of its own.
"$uv" pip compile envs/peers.in --no-deps --output-file envs/peers.txt --generate-hashes --python-version 3.11 \
    --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' --quiet
