"""What surrounds the work of each script: its log, its clock and its provenance statement."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from widelimit.errors import InputError
from widelimit.provenance.closure import PACKAGE, import_closure
from widelimit.provenance.environment import installed_lock, machine, revision, versions
from widelimit.provenance.statement import build, tree_of
from widelimit.store import atomic

__all__ = ["Job", "record"]


class Job:
    """The running job, for scripts that make more files than their rule names."""

    def __init__(self) -> None:
        self.more_outputs: list[Path] = []

    def produced(self, paths: list[Path]) -> None:
        """Add files to the statement's outputs, such as the chunks behind a manifest."""
        self.more_outputs += paths


@contextlib.contextmanager
def record(snakemake: Any) -> Iterator[Job]:
    """Surround the work of a script with its log, its clock and its statement.

    Standard output and error go to the rule's log. When the work succeeds, the statement is written
    to ``snakemake.output.statement``. Bad input ends the job with its message alone; Ctrl-C ends it
    at once.

    Args:
        snakemake: the object that Snakemake gives to a script; its rule names an output
            ``statement`` and may name a parameter ``modules``, files of this package that the script
            loads under computed names.
    """
    # Files are whole or absent at every moment (`store.atomic`), so that the process may die anywhere. A
    # KeyboardInterrupt may not: inside a lock of xarray it hangs, in a finalizer it is lost.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell's `&` ignores it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    terminal = _send_output_to(Path(snakemake.log[0]))
    # XLA starts as many threads as the machine has cores unless it is told the job's share.
    os.environ.setdefault("NPROC", str(snakemake.threads))
    started = _now()
    job = Job()
    try:
        yield job
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(1) from None
    except Exception:
        _say_if_full(Path(snakemake.output.statement), terminal)
        raise
    statement = Path(snakemake.output.statement)
    content = _statement(snakemake, job, statement, started)
    with atomic(statement) as temporary:
        temporary.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def _statement(snakemake: Any, job: Job, path: Path, started: str) -> dict[str, Any]:
    script = Path(snakemake.scriptdir, f"{snakemake.rule}.py")
    workflow = script.parents[1]
    params = {name: value for name, value in snakemake.params.items() if name != "modules"}
    outputs = {Path(p) for p in snakemake.output} - {path}
    return build(
        tree_of(path),
        outputs=[*outputs, *job.more_outputs],
        inputs=[*snakemake.input, *_sources(script, snakemake.params.get("modules", []))],
        job={
            "rule": snakemake.rule,
            "wildcards": dict(snakemake.wildcards.items()),
            "params": json.loads(json.dumps(params, default=str)),
            "threads": snakemake.threads,
        },
        environment=machine(),
        revision=revision(workflow),
        versions=versions(),
        started=started,
        finished=_now(),
    )


def _sources(script: Path, modules: list[str]) -> list[Path]:
    """The script, its import closure and the dependency lock."""
    closure = import_closure(script, *(PACKAGE / module for module in modules))
    _check_closure(closure)
    lock = installed_lock()
    return [script, *closure, *([lock] if lock.exists() else [])]


def _check_closure(closure: list[Path]) -> None:
    """Refuse to sign for a result that depends on sources which the closure does not know."""
    files = [
        getattr(module, "__file__", None)
        for name, module in list(sys.modules.items())
        if name.split(".")[0] == PACKAGE.name
    ]
    # Of compiled modules the closure has the sources.
    compiled = tuple(EXTENSION_SUFFIXES)
    loaded = {Path(file).resolve() for file in files if file and not file.endswith(compiled)}
    unknown = loaded - set(closure) - set((PACKAGE / "provenance").glob("*.py"))
    if unknown:
        names = ", ".join(sorted(p.relative_to(PACKAGE).as_posix() for p in unknown))
        raise RuntimeError(
            f"{names} was loaded under a computed name and is not in the import closure: name it in "
            "the rule's parameter `modules`, or import it by its name."
        )


def _say_if_full(output: Path, terminal: int) -> None:
    """On a full disk there is no room for the log either, and libraries name another cause."""
    folder = next(parent for parent in output.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    if free < 2**20:
        text = f"error: the disk that holds {folder} is full ({free} bytes are free). Make room and run the "
        os.write(terminal, f"{text}same command again: what is finished is kept.\n".encode())


def _send_output_to(log: Path) -> int:
    """Redirect file descriptors 1 and 2, so that libraries in C write to the log as well.

    Returns:
        A descriptor of standard error as it was.
    """
    terminal = os.dup(2)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    return terminal


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
