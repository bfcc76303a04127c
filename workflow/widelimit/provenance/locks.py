"""Recognising a lock that a dead run has left, so that nobody has to unlock by hand.

Snakemake locks its working directory but does not write down who holds the lock. Each run keeps a record
here and holds the operating system's lock on it, which ends with the process however it dies. When
Snakemake's lock is found and no record is held any more, that lock is stale.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import IO

__all__ = ["clear_stale_locks", "enter_run"]

_LOCKS = Path(".snakemake/locks")
_RUNS = Path(".snakemake/widelimit-runs")
_held: list[IO[str]] = []
"""Open records of this process; closing one would release it."""


def enter_run() -> None:
    """Clear locks of dead runs, then record this process as a running workflow until it ends."""
    clear_stale_locks()
    if _held:
        return
    _RUNS.mkdir(parents=True, exist_ok=True)
    path = (_RUNS / f"{platform.node()}-{os.getpid()}").absolute()
    record = path.open("w")
    fcntl.flock(record, fcntl.LOCK_EX)
    _held.append(record)
    atexit.register(path.unlink, missing_ok=True)


def clear_stale_locks() -> None:
    """Remove locks whose run is dead, and say so; locks of live or foreign runs stay."""
    if not _LOCKS.is_dir() or not any(_LOCKS.iterdir()):
        return
    records = list(_RUNS.glob("*"))
    if not records or any(_may_live(record) for record in records):
        return
    sys.stderr.write("An earlier run was killed; its lock is cleared and its work is kept.\n")
    shutil.rmtree(_LOCKS)
    for record in records:
        record.unlink(missing_ok=True)


def _may_live(record: Path) -> bool:
    """Whether the record's process runs: it does on another machine, as far as this one can know."""
    if record.name.rsplit("-", 1)[0] != platform.node():
        return True
    try:
        with record.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
