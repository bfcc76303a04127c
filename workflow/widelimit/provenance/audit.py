"""Check a results tree against its statements: is every artifact what some job says it made?"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from widelimit.errors import InputError
from widelimit.provenance.closure import PACKAGE
from widelimit.provenance.statement import BUILD_TYPE, PROJECT
from widelimit.store import sha256

__all__ = ["VERDICTS", "Finding", "audit", "discard", "trees"]

VERDICTS = {
    "verified": "the file is what its statement says, and so are its inputs",
    "stale": "the file is intact, but an input or a source has changed since it was made",
    "tampered": "the file's bytes differ from its statement",
    "missing": "a statement names the file, and it is not there",
    "orphan": "no statement names the file",
    "malformed": "the statement cannot be read",
}
"""What the audit says of an artifact, and what it means; the worst of its statements comes last."""

_UNTRACKED = {"benchmarks", "logs", "provenance"}
"""Folders of a tree that hold records about jobs, not artifacts."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """The audit's verdict on one file of a tree, with its reason.

    Attributes:
        path: the file, relative to the tree.
        verdict: one of `VERDICTS`.
        reason: why, in words.
        statements: those that say so, relative to the tree.
        supported: whether others say that its bytes are right.
    """

    path: str
    verdict: str
    reason: str = ""
    statements: tuple[str, ...] = ()
    supported: bool = False


def trees(folder: Path) -> list[Path]:
    """The results trees at or directly under a folder: those with a ``provenance`` folder."""
    candidates = [folder, *sorted(p for p in folder.glob("*") if p.is_dir())]
    found = [path for path in candidates if (path / "provenance").is_dir()]
    if not found:
        raise InputError(
            f"{folder} holds no results: expected a folder with `provenance/` inside, such as "
            "results/default. Run `make report` first, or name another folder."
        )
    return found


def audit(tree: Path) -> list[Finding]:
    """Verdicts on every artifact of one results tree, sorted by path.

    Input files and sources are compared as they are now: in the tree, and in this installation of
    the package. A file that several statements name is judged by each.
    """
    judged: dict[str, list[Finding]] = {}
    for path in sorted((tree / "provenance").rglob("*.json")):
        for found in _judge(tree, path):
            judged.setdefault(found.path, []).append(found)
    findings = {name: _worst(found) for name, found in judged.items()}
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if _is_artifact(path, name) and name not in findings:
            findings[name] = Finding(name, "orphan", VERDICTS["orphan"])
    return sorted(findings.values(), key=lambda f: f.path)


def _worst(found: list[Finding]) -> Finding:
    """The worst of the verdicts on one file, with the statements that come to it."""
    worst = max(found, key=lambda f: list(VERDICTS).index(f.verdict))
    return dataclasses.replace(
        worst,
        statements=tuple(s for f in found if f.verdict == worst.verdict for s in f.statements),
        supported=any(f.verdict in ("verified", "stale") for f in found),
    )


def discard(tree: Path, findings: list[Finding]) -> list[str]:
    """Remove what is not what its statements say, with these statements: so the next run makes it anew, and no more.

    A file that is what another statement says stays; the statement that contradicts goes.

    Returns:
        What was removed, relative to the tree.
    """
    broken = [f for f in findings if f.verdict in ("tampered", "missing", "malformed")]
    names = {f.path for f in broken if not f.supported} | {s for f in broken for s in f.statements}
    there = sorted(name for name in names if _inside(tree, name) and (tree / name).is_file())
    for name in there:
        (tree / name).unlink()
    return there


def _is_artifact(path: Path, name: str) -> bool:
    """Whether it is to be accounted for; locks are not, and what a job that was killed has left is not either."""
    left = path.name.startswith(".lock") or (path.name.startswith(".") and path.suffix == ".part")
    return path.is_file() and name.split("/")[0] not in _UNTRACKED and not left


def _judge(tree: Path, path: Path) -> Iterator[Finding]:
    """Verdicts of one statement on its outputs."""
    try:
        statement = json.loads(path.read_text())
        definition = statement["predicate"]["buildDefinition"]
        if definition["buildType"] != BUILD_TYPE:
            raise ValueError(f"build type {definition['buildType']!r}, expected {BUILD_TYPE!r}")
        subjects = [(s["name"], s["digest"]["sha256"]) for s in statement["subject"]]
        changed = _changed(tree, definition["resolvedDependencies"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        name = path.relative_to(tree).as_posix()
        yield Finding(name, "malformed", f"{type(error).__name__}: {error}", (name,))
        return
    own = (path.relative_to(tree).as_posix(),)
    for name, digest in subjects:
        yield dataclasses.replace(_verdict(tree, name, digest, changed), statements=own)


def _verdict(tree: Path, name: str, digest: str, changed: str) -> Finding:
    file = _inside(tree, name)
    if file is None:
        return Finding(name, "malformed", "the statement names a path outside of the tree")
    if not file.is_file():
        return Finding(name, "missing", VERDICTS["missing"])
    if sha256(file) != digest:
        return Finding(name, "tampered", VERDICTS["tampered"])
    return Finding(name, "stale", changed) if changed else Finding(name, "verified")


def _changed(tree: Path, dependencies: list[dict[str, Any]]) -> str:
    """The first input or source that is not what it was when the job ran, in words; "" if none."""
    for dependency in dependencies:
        name, digest = dependency["name"], dependency["digest"].get("sha256")
        file = _dependency(tree, name)
        if digest is None or file is None:
            continue
        if not file.is_file():
            return f"{name} is not there any more"
        if _digest(file, file.stat().st_mtime_ns) != digest:
            return f"{name} has changed"
    return ""


def _dependency(tree: Path, name: str) -> Path | None:
    """The file that a dependency's name means here; None if this machine cannot know."""
    if name.startswith("external:"):
        return None
    if not name.startswith("project:"):
        return _inside(tree, name)
    relative = name.removeprefix("project:")
    package = f"workflow/{PACKAGE.name}/"
    if relative.startswith(package):
        return PACKAGE / relative.removeprefix(package)
    return PROJECT / relative if (PROJECT / "pyproject.toml").exists() else None


@functools.cache
def _digest(file: Path, mtime: int) -> str:  # noqa: ARG001 - a changed file is another key
    return sha256(file)


def _inside(tree: Path, name: str) -> Path | None:
    """The file of that name in the tree, or None if the name leads out of it."""
    file = (tree / name).resolve()
    return tree / name if file.is_relative_to(tree.resolve()) else None
