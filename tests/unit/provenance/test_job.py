import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from widelimit.provenance.statement import PROJECT

JOB = """
import sys
from types import SimpleNamespace
from snakemake.iocontainers import InputFiles, OutputFiles, Log, Params, Wildcards
from widelimit.errors import InputError
from widelimit.provenance.job import record

snakemake = SimpleNamespace(
    rule="plot_figure", scriptdir={scripts!r}, threads=1, log=Log(["t/logs/x.log"]),
    input=InputFiles([]), wildcards=Wildcards([]), params=Params(fromdict={{"seed": 3}}),
    output=OutputFiles(fromdict={{"data": "t/x.nc", "statement": "t/provenance/x.json"}}),
)
with record(snakemake) as job:
    print("said by Python")
    {body}
"""


@pytest.fixture
def run(tmp_path):
    def start(body):
        (tmp_path / "t").mkdir(exist_ok=True)
        code = JOB.format(scripts=str(PROJECT / "workflow/scripts"), body=body)
        result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
        log = (tmp_path / "t/logs/x.log").read_text()
        statement = tmp_path / "t/provenance/x.json"
        return (
            result.returncode,
            log,
            json.loads(statement.read_text()) if statement.exists() else None,
        )

    return start


def test_a_job_leaves_a_log_and_a_statement(run):
    code, log, statement = run("open('t/x.nc', 'w').write('data')")
    assert code == 0
    assert "said by Python" in log
    assert [s["name"] for s in statement["subject"]] == ["x.nc"]
    definition = statement["predicate"]["buildDefinition"]
    assert definition["externalParameters"]["params"] == {"seed": 3}
    names = {d["name"] for d in definition["resolvedDependencies"]}
    assert {"project:workflow/scripts/plot_figure.py", "project:envs/cpu.txt"} <= names


def test_more_outputs_enter_the_statement(run):
    body = "[open(f't/{n}.nc', 'w').write(n) for n in 'xy']; "
    body += "from pathlib import Path; job.produced([Path('t/y.nc')])"
    _, _, statement = run(body)
    assert [s["name"] for s in statement["subject"]] == ["x.nc", "y.nc"]


def test_output_of_programs_and_libraries_in_c_goes_to_the_log(run):
    _, log, _ = run("import os; os.system('echo said by a program'); open('t/x.nc', 'w')")
    assert "said by a program" in log


def test_bad_input_ends_with_its_message_alone(run):
    code, log, statement = run("raise InputError('the data are bad: do this')")
    assert (code, statement) == (1, None)
    assert "error: the data are bad: do this" in log
    assert "Traceback" not in log


def test_a_failure_leaves_no_statement(run):
    code, log, statement = run("1 / 0")
    assert (code, statement) == (1, None)
    assert "ZeroDivisionError" in log


def test_an_interrupt_is_never_caught(run):
    """A library that swallows or delays KeyboardInterrupt must not keep a job alive."""
    body = "import contextlib, os, signal\n    with contextlib.suppress(BaseException):\n        "
    body += "os.kill(os.getpid(), signal.SIGINT)"
    code, _, statement = run(body)
    assert (code, statement) == (-signal.SIGINT, None)


def test_a_full_disk_is_named_on_the_terminal(run, capfd):
    body = "import shutil; shutil.disk_usage = lambda _: type('U', (), {'free': 0})(); 1 / 0"
    code, _, statement = run(body)
    assert (code, statement) == (1, None)
    assert "is full (0 bytes are free). Make room" in capfd.readouterr().err


def test_sources_loaded_under_a_computed_name_are_found_out(run):
    body = "import importlib; importlib.import_module('widelimit.claims.c' + '62'); "
    code, log, statement = run(body + "open('t/x.nc', 'w')")
    assert (code, statement) == (1, None)
    assert "claims/c62.py" in log
    assert "name it in the rule's parameter `modules`" in log


def test_paths_of_the_tree_are_relative(run):
    _, _, statement = run("open('t/x.nc', 'w')")
    assert str(Path.cwd()) not in json.dumps(statement)
