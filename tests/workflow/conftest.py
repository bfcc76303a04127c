"""A copy of the project in a temporary folder, and the smoke study run in it once."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from widelimit.native import engine
from widelimit.provenance.statement import PROJECT


def _sources() -> list[str]:
    """The project's files as git lists them, or without git all that is not generated."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if result.returncode == 0 and result.stdout:
        return [name for name in result.stdout.splitlines() if (PROJECT / name).exists()]
    files = [p.relative_to(PROJECT) for p in PROJECT.rglob("*") if p.is_file()]
    generated = {".venv", ".snakemake", ".git", "results", "__pycache__"}
    kept = [p for p in files if not generated & set(p.parts)]
    return [p.as_posix() for p in kept] + ["results/README.md"]


class Checkout:
    """A copy of the project whose sources and results belong to one test alone."""

    SMOKE = ("--configfile", "config/smoke.yaml")

    def __init__(self, folder: Path):
        self.folder = folder
        for name in _sources():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
        if engine is not None:
            shutil.copy2(engine.__file__, folder / "workflow/widelimit/native")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """Its own sources come before the installed ones."""
        first = Path(__file__).parent / "own_sources"
        return os.environ | {"PYTHONPATH": f"{first}{os.pathsep}{self.folder / 'workflow'}"}

    def run(self, *command: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def snakemake(self, *arguments: str) -> str:
        result = self.run(*self.command("--cores", "2", *arguments))
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout + result.stderr

    def fails(self, *arguments: str) -> str:
        result = self.run(*self.command("--cores", "2", *arguments))
        assert result.returncode != 0, "this should have failed"
        return result.stdout + result.stderr

    def planned(self, *arguments: str) -> dict[str, int]:
        """How many jobs of each rule a run would start."""
        output = self.snakemake("--dry-run", *arguments)
        table = re.search(r"^Job stats:\n(.*?)\n\n", output, re.MULTILINE | re.DOTALL)
        if table is None:
            assert "Nothing to be done" in output, output
            return {}
        rows = [line.split() for line in table[1].splitlines()[2:]]
        return {name: int(count) for name, count in rows if name not in ("total", "all")}

    def audit(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.run(sys.executable, "-m", "widelimit", "audit", "results", *arguments)

    def verdicts(self) -> dict[str, str]:
        """The audit's verdict on each file of the one results tree; its status must agree."""
        result = self.audit("--json")
        (findings,) = json.loads(result.stdout).values()
        verdicts = {f["path"]: f["verdict"] for f in findings}
        assert result.returncode == int(set(verdicts.values()) != {"verified"}), result.stderr
        return verdicts

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text, f"{name} does not contain {old!r}"
        path.write_text(text.replace(old, new))


@pytest.fixture(scope="session")
def smoke(tmp_path_factory) -> Checkout:
    """The smoke study, run from end to end."""
    checkout = Checkout(tmp_path_factory.mktemp("smoke"))
    checkout.snakemake(*checkout.SMOKE)
    return checkout


@pytest.fixture
def copy_of_smoke(smoke, tmp_path) -> Checkout:
    """The finished smoke study in a folder of its own, to be tampered with."""
    folder = tmp_path / "copy"
    shutil.copytree(smoke.folder, folder, symlinks=True)
    copied = object.__new__(Checkout)
    copied.folder = folder
    return copied


@pytest.fixture
def checkout(tmp_path) -> Checkout:
    """A fresh copy of the project without results."""
    return Checkout(tmp_path / "checkout")
