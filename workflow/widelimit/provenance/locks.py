"""Recognising a lock that a dead run has left, so that nobody has to unlock by hand.

Snakemake locks its working directory but does not write down who holds the lock. Each run records its
process here; when a lock is found and none of the recorded processes is alive on this machine, the lock
is stale.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from pathlib import Path

import psutil

__all__ = ["clear_stale_locks", "end_run", "start_run"]

_LOCKS = Path(".snakemake/locks")
_RUNS = Path(".snakemake/widelimit-runs")


def start_run() -> None:
    """Record this process as a running workflow."""
    _RUNS.mkdir(parents=True, exist_ok=True)
    new = _record().with_suffix(".part")
    new.write_text(json.dumps({"host": platform.node(), **_identity(os.getpid())}))
    new.replace(_record())


def end_run() -> None:
    """Take this process off the record."""
    _record().unlink(missing_ok=True)


def clear_stale_locks() -> None:
    """Remove locks whose run is dead, and say so; locks of live or foreign runs stay."""
    if not _LOCKS.is_dir() or not any(_LOCKS.iterdir()):
        return
    records = {path: json.loads(path.read_text()) for path in _RUNS.glob("*.json")}
    if not records or any(_may_live(record) for record in records.values()):
        return
    sys.stderr.write("An earlier run was killed; its lock is cleared and its work is kept.\n")
    shutil.rmtree(_LOCKS)
    for path in records:
        path.unlink()


def _record() -> Path:
    return _RUNS / f"{os.getpid()}.json"


def _identity(pid: int) -> dict[str, float]:
    """A process by number and start time: numbers are used again."""
    return {"pid": pid, "started": psutil.Process(pid).create_time()}


def _may_live(record: dict) -> bool:
    if record["host"] != platform.node():
        return True
    try:
        return _identity(record["pid"])["started"] == record["started"]
    except psutil.NoSuchProcess:
        return False
