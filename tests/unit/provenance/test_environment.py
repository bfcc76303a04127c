import subprocess

import numpy as np

from widelimit.native import instructions
from widelimit.provenance.environment import machine, revision, versions


def test_versions_are_those_of_loaded_libraries():
    assert versions()["numpy"] == np.__version__
    assert versions()["widelimit"]


def test_machine_names_processor_and_settings(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=/nowhere")
    found = machine()
    assert found["cores"] > 0
    assert found["peak_memory_MiB"] > 10
    assert found["settings"]["XLA_FLAGS"]
    assert found["compiled_code"] == instructions()


def test_revision_says_whether_the_tree_is_dirty(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
        subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True
        )

    assert revision(tmp_path) == {}
    git("init")
    (tmp_path / "f").write_text("1")
    git("add", "f")
    git("commit", "-m", "one")
    assert revision(tmp_path)["dirty"] is False
    (tmp_path / "f").write_text("2")
    assert revision(tmp_path)["dirty"] is True
