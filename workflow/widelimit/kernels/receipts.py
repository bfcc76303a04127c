"""What jobs that compute shares of a kernel leave for the one that gathers them: the digests of their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from widelimit.store import sha256

__all__ = ["discard_broken", "receipt"]


def receipt(files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each file, by its name."""
    return {path.name: sha256(path) for path in files}


def discard_broken(folder: Path, receipts: Mapping[str, str]) -> list[str]:
    """Remove files that are not what receipts say; those that are missing are named too.

    Returns:
        Names of the files that are to be made again.
    """
    wrong = [
        name for name, digest in receipts.items()
        if not (folder / name).is_file() or sha256(folder / name) != digest
    ]  # fmt: skip
    for name in wrong:
        (folder / name).unlink(missing_ok=True)
    return wrong
