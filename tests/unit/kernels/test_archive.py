import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import dask
import numpy as np
import pytest

from widelimit import kernels
from widelimit.errors import InputError
from widelimit.kernels.archive import Archive
from widelimit.networks import mlp

NET = mlp("relu", 2, w_std=1.4, b_std=0.1)
N = 170

SLOW = """
import sys, time, numpy as np
from widelimit import kernels
from widelimit.kernels import task
from widelimit.networks import mlp

evaluated = task.evaluate

def evaluate(*args, **options):
    time.sleep(0.2)
    return evaluated(*args, **options)

task.evaluate = evaluate
x = np.random.default_rng(0).standard_normal((170, 4))
found = kernels.compute(mlp("relu", 2, w_std=1.4, b_std=0.1), x, tile=34, out=sys.argv[1])
"""


def slow(folder):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", SLOW, str(folder)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def files(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("tile-*.nc")}


def wait_for(condition):
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within 30 s")


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((N, 4))


def test_a_computation_that_was_killed_goes_on_where_it_stopped(x, tmp_path):
    process = slow(tmp_path)
    wait_for(lambda: len(files(tmp_path)) >= 3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    finished = files(tmp_path)
    assert 3 <= len(finished) < 15
    torn = tmp_path / ".tile-00004-00004.nc.torn.part"
    torn.write_bytes(b"half a file")

    with pytest.raises(InputError, match=f"{15 - len(finished)} of its 15 tile files are missing"):
        kernels.open(tmp_path)
    found = kernels.compute(NET, x, tile=34, out=tmp_path)
    assert finished.items() <= files(tmp_path).items()
    expected = kernels.compute(NET, x, tile=34)
    assert np.array_equal(found.ntk, expected.ntk)
    assert np.array_equal(found.nngp, expected.nngp)
    assert not list(tmp_path.glob("*.part"))


def test_two_processes_share_a_folder(x, tmp_path):
    processes = [slow(tmp_path), slow(tmp_path)]
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert any("another process computes this kernel; waiting" in text for text in said)
    expected = kernels.compute(NET, x, tile=34, get="ntk")
    assert np.array_equal(kernels.open(tmp_path).ntk, expected)


@pytest.mark.parametrize("parts", [1, 3, 40])
def test_shares_make_the_whole_together(x, tmp_path, parts):
    shares = [
        kernels.compute_part(NET, x, out=tmp_path, part=i, parts=parts, tile=34)
        for i in range(parts)
    ]
    names = [path.name for share in shares for path in share]
    assert sorted(names) == sorted(files(tmp_path))
    sizes = [len(share) for share in shares]
    assert max(sizes) <= 15 / parts + 1
    assert np.array_equal(kernels.open(tmp_path).ntk, kernels.compute(NET, x, tile=34).ntk)


def test_a_share_keeps_what_it_has_and_makes_what_it_lacks(x, tmp_path):
    share = kernels.compute_part(NET, x, out=tmp_path, part=1, parts=3, tile=34)
    before = files(tmp_path)
    share[2].unlink()
    assert kernels.compute_part(NET, x, out=tmp_path, part=1, parts=3) == share
    changed = {name for name, time in files(tmp_path).items() if before[name] != time}
    assert changed == {share[2].name}


def test_tiles_whose_manifest_was_lost_are_known_again(x, tmp_path):
    kernels.compute(NET, x, tile=34, out=tmp_path)
    before = files(tmp_path)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(InputError, match="15 files that do not belong"):
        kernels.compute(mlp("relu", 3), x, tile=34, out=tmp_path)
    kernels.compute(NET, x, tile=34, out=tmp_path)
    assert files(tmp_path) == before


def test_shares_may_start_at_the_same_time(x, tmp_path):
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            pool.submit(kernels.compute_part, NET, x, out=tmp_path, part=i % 4, parts=4, tile=34)
            for i in range(8)
        ]
        assert sum(len(job.result()) for job in jobs) == 2 * 15
    assert np.array_equal(kernels.open(tmp_path).ntk, kernels.compute(NET, x, tile=34).ntk)


def test_shares_do_not_wait_for_each_other(x, tmp_path):
    archive = Archive(tmp_path, kernels_manifest(x, tmp_path))
    with archive.claimed((0, 2)) as first, archive.claimed((1, 2)) as second:
        assert len(first) + len(second) == 15


def kernels_manifest(x, folder):
    kernels.compute_part(NET, x, out=folder, part=39, parts=40, tile=34)
    for path in folder.glob("tile-*.nc"):
        path.unlink()
    return json.loads((folder / "manifest.json").read_text())


@pytest.mark.parametrize("part", [-1, 3])
def test_a_share_that_is_none_is_refused(x, tmp_path, part):
    with pytest.raises(ValueError, match=f"part is {part} of 3 parts"):
        kernels.compute_part(NET, x, out=tmp_path, part=part, parts=3)


def test_chunks_are_read_when_needed_and_mirrored(x, tmp_path, monkeypatch):
    found = kernels.compute(NET, x, tile=34, out=tmp_path)
    expected = kernels.compute(NET, x, tile=34)
    assert found.ntk.chunks == ((34,) * 5,) * 2
    read, whole = [], Archive.read
    monkeypatch.setattr(Archive, "read", lambda self, *at: read.append(at) or whole(self, *at))
    below = kernels.open(tmp_path).ntk[140:150, 40:45]
    assert read == []
    with dask.config.set(scheduler="synchronous"):
        assert np.array_equal(below, expected.ntk[140:150, 40:45])
    assert read == [("ntk", 4, 1), ("ntk", 1, 4)]
    assert len(files(tmp_path)) == 15


def test_the_manifest_says_what_the_kernel_is_of(x, tmp_path):
    kernels.compute(NET, x, x[:9], get="nngp", out=tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["samples"] == [N, 9]
    assert manifest["network"]["layers"][0]["w_std"] == 1.4
    assert len(manifest["x1_sha256"]) == len(manifest["x2_sha256"]) == 64
    assert manifest["get"] == ["nngp"]


def test_foreign_files_are_refused(x, tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(InputError, match="1 files that do not belong .* such as thesis.tex"):
        kernels.compute(NET, x, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_without_a_kernel_is_not_opened(tmp_path):
    with pytest.raises(InputError, match="has no manifest.json"):
        kernels.open(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"), [("{", "is not JSON"), ('{"format": 9}', "has format 9, expected 2")]
)
def test_a_manifest_that_cannot_be_read_is_refused(x, tmp_path, text, said):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=said):
        kernels.compute(NET, x, out=tmp_path)


def test_damaged_files_are_named(x, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    found = kernels.compute(NET, x[:40], tile=20, out=first)
    kernels.compute(NET, x[:40] + 1, tile=20, out=second)
    tile = first / "tile-00000-00000.nc"
    tile.write_bytes((second / tile.name).read_bytes())
    with pytest.raises(InputError, match="00000.nc belongs to another kernel: delete this file"):
        found.ntk.load()
    tile.write_bytes(tile.read_bytes()[:100])
    with pytest.raises(InputError, match="00000.nc cannot be read"):
        found.ntk.load()
    tile.unlink()
    again = kernels.compute(NET, x[:40], tile=20, out=first)
    assert np.array_equal(again.ntk, kernels.compute(NET, x[:40], tile=20, get="ntk"))
