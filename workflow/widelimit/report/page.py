"""The report page: the ledger first, then the figures, then the run."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from widelimit import __version__
from widelimit.figures.draw import caption

__all__ = ["build_page"]

_FOLDER = Path(__file__).parent


def build_page(
    *,
    study: str,
    tree: Path,
    ledger: str | Path,
    figures: Sequence[str | Path],
    notebooks: Sequence[str | Path],
    statements: Sequence[str | Path],
) -> str:
    """The page as HTML; it refers to other files of the tree by relative links and to nothing else.

    Args:
        study: the study's name.
        tree: the results tree; the page stands in its folder ``report``.
        ledger: the ledger's file.
        figures: SVG files, in order.
        notebooks: the notebooks' HTML files.
        statements: provenance statements of all other artifacts.
    """
    page = tree / "report"
    produced = _producers(statements)
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "interval": _interval}
    entries = json.loads(Path(ledger).read_text())
    return environment.get_template("page.html.j2").render(
        study=study,
        version=__version__,
        claims=[_claim(entry, tree, page, produced) for entry in entries],
        verdicts=Counter(entry["claim"]["verdict"] for entry in entries),
        surprises=[entry["id"] for entry in entries if not entry["as_expected"]],
        weak=[entry["id"] for entry in entries if _weak(entry)],
        figures=[_figure(Path(path), page, tree, produced) for path in figures],
        notebooks=[{"name": Path(p).stem, "link": _link(p, page)} for p in notebooks],
        run=_run(statements),
    )


def _producers(statements: Sequence[str | Path]) -> dict[str, Path]:
    """The statement of each artifact, by the artifact's path in the tree."""
    produced = {}
    for path in map(Path, statements):
        for subject in json.loads(path.read_text())["subject"]:
            produced[subject["name"]] = path
    return produced


def _link(target: str | Path, start: Path) -> str:
    return Path(os.path.relpath(target, start)).as_posix()


def _figure(path: Path, page: Path, tree: Path, produced: Mapping[str, Path]) -> dict[str, Any]:
    title, text = caption(path.stem)
    statement = produced[path.relative_to(tree).as_posix()]
    return {
        "name": path.stem,
        "title": title,
        "caption": text,
        "link": _link(path, page),
        "statement": _link(statement, page),
    }


def _claim(
    entry: dict[str, Any], tree: Path, page: Path, produced: Mapping[str, Path]
) -> dict[str, Any]:
    data = f"claims/{entry['id']}.nc"
    links = {
        "figure": f"#figure-{entry['figure']}",
        "notebook": _link(tree / "notebooks" / f"{entry['notebook']}.html", page),
        "data": _link(tree / data, page),
        "statement": _link(produced[data], page),
    }
    return entry | {"links": links}


def _weak(entry: dict[str, Any]) -> bool:
    """Whether an interval of the claim is wider than half of its margin."""
    return any(s["power"] is None or s["power"] > 0.5 for s in entry["claim"]["statistics"])


def _run(statements: Sequence[str | Path]) -> dict[str, Any]:
    """Time, machine and versions of the run, from its statements."""
    predicates = [json.loads(Path(p).read_text())["predicate"] for p in statements]
    clocks = [p["runDetails"]["metadata"] for p in predicates]
    starts = [dt.datetime.fromisoformat(c["startedOn"]) for c in clocks]
    ends = [dt.datetime.fromisoformat(c["finishedOn"]) for c in clocks]
    machines = [p["buildDefinition"]["internalParameters"]["environment"] for p in predicates]
    versions: dict[str, str] = {}
    for predicate in predicates:
        versions |= predicate["runDetails"]["builder"]["version"]
    commits = {
        f"{d['digest']['gitCommit'][:12]}{' with changes' if d['annotations']['dirty'] else ''}"
        for p in predicates
        for d in p["buildDefinition"]["resolvedDependencies"]
        if d["name"] == "git"
    }
    return {
        "started": min(starts).strftime("%Y-%m-%d %H:%M UTC"),
        "finished": max(ends).strftime("%Y-%m-%d %H:%M UTC"),
        "jobs": len(predicates),
        "work": sum((e - s).total_seconds() for s, e in zip(starts, ends, strict=True)),
        "memory": max(m["peak_memory_MiB"] for m in machines),
        "processors": sorted({f"{m['processor']}, {m['cores']} cores" for m in machines}),
        "systems": sorted({m["system"] for m in machines}),
        "devices": sorted({d for m in machines for d in m.get("devices", [])}),
        "versions": dict(sorted(versions.items(), key=lambda item: item[0].lower())),
        "commits": sorted(commits),
    }


def _number(value: float | None) -> str:
    """A number with four digits, and words for what is unbounded or exact."""
    if value is None:
        return "not a number"
    if value == 0:
        return "0"
    return f"{value:.2e}" if not 1e-3 <= abs(value) < 1e5 else f"{value:.4g}"


def _interval(bounds: Sequence[float | None]) -> str:
    low, high = bounds
    if low is None and high is None:
        return _number(None)
    if low is None:
        return f"≤ {_number(high)}"
    if high is None:
        return f"≥ {_number(low)}"
    return _number(low) if low == high else f"{_number(low)} … {_number(high)}"
