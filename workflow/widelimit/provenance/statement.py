"""The statement that each job writes: an in-toto Statement v1 with an SLSA v1 provenance predicate.

It names every output and every input by its SHA-256 digest, and says by which rule, with which
parameters, sources, versions and machine the outputs were made. Paths inside a results tree are
written relative to the tree, so that a tree can be moved and still be checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from widelimit.provenance.closure import PACKAGE
from widelimit.store import sha256

__all__ = ["BUILD_TYPE", "PROJECT", "build", "tree_of"]

BUILD_TYPE = "urn:widelimit:snakemake-job:v1"

PROJECT = PACKAGE.parents[1]
"""The folder of the project, where this package lies in its checkout."""


def tree_of(statement: str | Path) -> Path:
    """The results tree that a statement at ``<tree>/provenance/…`` belongs to."""
    path = Path(statement)
    for parent in path.parents:
        if parent.name == "provenance":
            return parent.parent
    raise ValueError(f"{path} does not stand in a folder named 'provenance' of a results tree.")


def build(
    tree: Path,
    *,
    outputs: Iterable[str | Path],
    inputs: Iterable[str | Path],
    job: Mapping[str, Any],
    environment: Mapping[str, Any],
    revision: Mapping[str, Any],
    versions: Mapping[str, str],
    started: str,
    finished: str,
) -> dict[str, Any]:
    """Assemble a statement.

    Args:
        tree: the results tree.
        outputs: files that the job made.
        inputs: files that they depend on: data, script, imported sources, dependency lock.
        job: rule, wildcards, parameters by name, threads.
        environment, revision, versions: as `environment` reports them.
        started, finished: times in UTC, ISO 8601.
    """
    dependencies = [_descriptor(_name(p, tree), p) for p in sorted(map(str, inputs))]
    if revision:
        git = {"name": "git", "digest": {"gitCommit": revision["commit"]}}
        dependencies.append({**git, "annotations": {"dirty": revision["dirty"]}})
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [_descriptor(_name(p, tree), p) for p in sorted(map(str, outputs))],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": dict(job),
                "internalParameters": {"environment": dict(environment)},
                "resolvedDependencies": dependencies,
            },
            "runDetails": {
                "builder": {"id": "urn:widelimit:snakemake", "version": dict(versions)},
                "metadata": {"startedOn": started, "finishedOn": finished},
            },
        },
    }


def _descriptor(name: str, path: str | Path) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": sha256(path)}}


def _name(path: str | Path, tree: Path) -> str:
    """Relative to the tree; ``project:`` and relative to the project; ``external:`` and a bare name."""
    resolved = Path(path).resolve()
    for prefix, root in (("", tree.resolve()), ("project:", PROJECT)):
        if resolved.is_relative_to(root):
            return prefix + resolved.relative_to(root).as_posix()
    return f"external:{resolved.name}"
