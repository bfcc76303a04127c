import json
import subprocess
import sys
from pathlib import Path

import pytest

from widelimit.provenance.locks import clear_stale_locks, end_run, start_run

LOCK = Path(".snakemake/locks/0.input.lock")


@pytest.fixture(autouse=True)
def workdir(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    LOCK.parent.mkdir(parents=True)
    LOCK.write_text("results/x")


def test_a_lock_of_a_dead_run_is_cleared_and_said(capsys):
    code = "from widelimit.provenance.locks import start_run; start_run()"
    subprocess.run([sys.executable, "-c", code], check=True)
    clear_stale_locks()
    assert not LOCK.exists()
    assert "was killed; its lock is cleared" in capsys.readouterr().err
    assert not list(Path(".snakemake/widelimit-runs").glob("*.json"))


def test_a_lock_of_a_live_run_stays():
    start_run()
    clear_stale_locks()
    assert LOCK.exists()


def test_a_lock_of_another_machine_stays():
    start_run()
    (record,) = Path(".snakemake/widelimit-runs").glob("*.json")
    record.write_text(json.dumps(json.loads(record.read_text()) | {"host": "elsewhere", "pid": 1}))
    clear_stale_locks()
    assert LOCK.exists()


def test_a_process_number_in_use_again_is_not_the_run():
    start_run()
    (record,) = Path(".snakemake/widelimit-runs").glob("*.json")
    record.write_text(json.dumps(json.loads(record.read_text()) | {"started": 1.0}))
    clear_stale_locks()
    assert not LOCK.exists()


def test_a_lock_without_a_record_stays():
    clear_stale_locks()
    assert LOCK.exists()


def test_a_run_that_ends_takes_itself_off_the_record():
    start_run()
    end_run()
    assert not list(Path(".snakemake/widelimit-runs").glob("*.json"))
