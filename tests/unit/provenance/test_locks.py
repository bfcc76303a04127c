import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from widelimit.provenance.locks import clear_stale_locks

LOCK = Path(".snakemake/locks/0.input.lock")
RUNS = Path(".snakemake/widelimit-runs")
ENTER = "from widelimit.provenance.locks import enter_run; enter_run(); print('in', flush=True); "


@pytest.fixture(autouse=True)
def workdir(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    LOCK.parent.mkdir(parents=True)


@pytest.fixture
def run():
    """A process that has entered a run and waits."""
    command = [sys.executable, "-c", ENTER + "input()"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_the_lock_of_a_live_run_stays(run):
    LOCK.write_text("results/x")
    clear_stale_locks()
    assert LOCK.exists()


def test_the_lock_of_a_killed_run_is_cleared_and_said(run, capsys):
    LOCK.write_text("results/x")
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    clear_stale_locks()
    assert not LOCK.exists()
    assert "was killed; its lock is cleared" in capsys.readouterr().err
    assert not list(RUNS.iterdir())


def test_a_run_that_ends_takes_its_record_along(run):
    run.communicate("\n")
    assert not list(RUNS.iterdir())


def test_the_lock_of_another_machine_stays():
    RUNS.mkdir()
    (RUNS / "elsewhere-1").touch()
    LOCK.write_text("results/x")
    clear_stale_locks()
    assert LOCK.exists()


def test_a_live_run_protects_its_lock_beside_a_dead_record(run):
    (RUNS / f"{platform.node()}-1").touch()
    LOCK.write_text("results/x")
    clear_stale_locks()
    assert LOCK.exists()


def test_a_lock_without_a_record_stays():
    LOCK.write_text("results/x")
    clear_stale_locks()
    assert LOCK.exists()
