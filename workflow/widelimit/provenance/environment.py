"""What a job ran on: versions, machine, device, settings, revision of the code."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = ["installed_lock", "machine", "revision", "versions"]

_DISTRIBUTIONS = {
    "diffrax": "diffrax", "jax": "jax", "jaxlib": "jaxlib", "matplotlib": "matplotlib",
    "mlxtend": "mlxtend", "netCDF4": "netCDF4", "nbconvert": "nbconvert", "numpy": "numpy",
    "optax": "optax", "ot": "POT", "papermill": "papermill", "pandas": "pandas",
    "pymatching": "PyMatching", "scipy": "scipy", "seaborn": "seaborn", "skfem": "scikit-fem",
    "sklearn": "scikit-learn", "snakemake": "snakemake", "stim": "stim", "widelimit": "widelimit",
    "xarray": "xarray",
}  # fmt: skip

_SETTINGS = ("JAX_", "XLA_", "NPROC", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID")


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that this process has loaded."""
    loaded = {
        name: metadata.version(name)
        for module, name in _DISTRIBUTIONS.items()
        if module in sys.modules
    }
    return {"python": platform.python_version(), **dict(sorted(loaded.items()))}


def machine() -> dict[str, Any]:
    """Processor, devices, settings and the peak resident memory of this process."""
    report: dict[str, Any] = {
        "host": platform.node(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "peak_memory_MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "settings": {k: v for k, v in sorted(os.environ.items()) if k.startswith(_SETTINGS)},
    }
    if "jax" in sys.modules:
        report["devices"] = [device.device_kind for device in sys.modules["jax"].devices()]
    if "widelimit.native" in sys.modules:
        report["compiled_code"] = sys.modules["widelimit.native"].instructions()
    return report


def revision(folder: Path) -> dict[str, Any]:
    """Git commit of ``folder`` and whether the work tree differs from it; empty outside git."""
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return {"commit": commit, "dirty": bool(_git(folder, "status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return {}


def installed_lock() -> Path:
    """The lock file that this interpreter's packages were installed from, by the mark of the Makefile."""
    name = "cuda" if Path(sys.prefix, "installed-cuda").exists() else "cpu"
    return Path(__file__).parents[3] / "envs" / f"{name}.txt"


def _git(folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    )
    return result.stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
