"""Memory of a job that computes a share of a kernel: that of tiles, however many images there are."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from widelimit.store import array, write

SHARE = """
import re, sys
from pathlib import Path
import xarray as xr
import widelimit as wl
from widelimit.datasets import sides

path, folder = sys.argv[1:]
with xr.open_dataset(path, engine="netcdf4") as data:
    x, _ = sides(data, "train")
    tiles = len(x) // 200
    blocks = tiles * (tiles + 1) // 2
    files = wl.kernels.compute_part(
        wl.networks.cntk(2, pooling=False), x, out=folder, part=blocks // 3, parts=blocks, get="ntk",
        dtype="float32", tile=200, progress=False,
    )
# Of this program alone: what `getrusage` says counts that it was forked from.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(len(files), int(peak[1]) // 1024)
"""


def peak(folder, images):
    """Peak memory in MiB of a job with one file of the kernel of so many images."""
    x = np.zeros((images, 32 * 32 * 3), np.float32)
    x[:, 0] = np.arange(images)
    data = xr.Dataset(
        {
            "x": array(x, ("sample", "feature"), "pixels"),
            "split": array(np.repeat("train", images), "sample", "part"),
        },
        attrs={"image": [32, 32, 3]},
    )
    path = folder / f"{images}.nc"
    write(data, path, compress=True)
    found = subprocess.run(
        [sys.executable, "-c", SHARE, path, folder / str(images)], stdout=subprocess.PIPE, check=True, text=True
    )  # fmt: skip
    files, memory = map(int, found.stdout.split())
    assert files == 1
    return memory


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_memory_does_not_grow_with_the_number_of_images(tmp_path):
    few, many = peak(tmp_path, 1_000), peak(tmp_path, 40_000)
    assert many < few + 150, "the images alone take 470 MiB"
    assert many < 2048
