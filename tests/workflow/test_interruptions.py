"""Kills, locks and bad input: nothing that was finished is lost, and the same command goes on."""

import os
import signal
import subprocess
import time

import numpy as np
import pytest
import yaml

CHUNKS = "results/smoke/kernels/empirical/digits/relu3/w64"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_after_an_interruption_the_same_command_goes_on(checkout, how):
    """Chunks that are whole stay; a run that was killed leaves a lock, which is cleared."""
    checkout.edit("config/smoke.yaml", "seeds: 4", "seeds: 100")
    target = f"{CHUNKS}.json"
    process = subprocess.Popen(
        checkout.command("--cores", "2", target, *checkout.SMOKE),
        cwd=checkout.folder, env=checkout.environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    chunks = checkout.folder / CHUNKS
    deadline = time.monotonic() + 600
    while not list(chunks.glob("*.nc")):
        assert process.poll() is None, "the run ended before it was interrupted"
        assert time.monotonic() < deadline, "no chunk appeared"
        time.sleep(0.02)
    os.killpg(process.pid, how)
    process.wait()
    saved = {path: path.stat().st_mtime_ns for path in chunks.glob("*.nc")}
    assert not (checkout.folder / target).exists()
    output = checkout.snakemake(target, *checkout.SMOKE)
    assert (checkout.folder / target).exists()
    assert len(list(chunks.glob("*.nc"))) == 50
    assert {path: path.stat().st_mtime_ns for path in saved} == saved
    if how == signal.SIGKILL:
        assert "An earlier run was killed" in output


def test_mistakes_in_the_configuration_are_refused_before_any_job(checkout):
    checkout.edit("config/smoke.yaml", "widths: [16, 32, 64]", "widhts: [0]")
    output = checkout.fails(*checkout.SMOKE)
    assert "empirical.widhts: Extra inputs are not permitted" in output
    assert "config/README.md" in output
    assert "Traceback" not in output
    assert not (checkout.folder / "results/smoke").exists()


def study(checkout, **dataset):
    """A study of the user's own data; its name is the one data set's target."""
    path = checkout.folder / "config/smoke.yaml"
    config = yaml.safe_load(path.read_text())
    config["datasets"]["mine"] = {"source": "file", "train": 5, **dataset}
    path.write_text(yaml.safe_dump(config))
    return ("results/smoke/datasets/mine.nc", *checkout.SMOKE)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,y\n1,2\nred,3\n", "column 'a' has 1 entries that are not numbers"),
        (b"a,y\n1,2\n,3\n", "column 'a' has 1 entries"),
        (b"a,y\n1,2\n", "train is 5, but only 1 samples"),
    ],
)
def test_bad_data_end_with_a_message_and_no_file(checkout, content, expected):
    (checkout.folder / "mine.csv").write_bytes(content)
    output = checkout.fails(*study(checkout, path="mine.csv"))
    assert expected in output
    assert "Traceback" not in output
    assert not (checkout.folder / "results/smoke/datasets/mine.nc").exists()


def test_missing_data_are_named(checkout):
    output = checkout.fails(*study(checkout, path="nowhere.csv"))
    assert "nowhere.csv" in output


def test_data_that_changed_are_read_again(checkout, rng):
    def save(scale):
        np.savez(checkout.folder / "mine.npz", x=scale * rng.random((9, 2)), y=rng.random(9))

    save(1)
    arguments = study(checkout, path="mine.npz")
    checkout.snakemake(*arguments)
    assert checkout.planned(*arguments) == {}
    save(2)
    assert checkout.planned(*arguments) == {"prepare_dataset": 1}
