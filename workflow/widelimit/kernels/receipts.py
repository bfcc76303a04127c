"""What jobs that compute shares of a kernel leave for others: where its tiles are, and their digests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from widelimit.errors import InputError
from widelimit.kernels.identity import digest
from widelimit.store import atomic, sha256

__all__ = ["Receipt", "folder_of"]


def folder_of(parent: Path, recipe: Mapping[str, Any]) -> Path:
    """The folder for tiles by a recipe: all that determines them, sources too, so that no others are taken for them."""
    return parent / f"tiles-{digest(dict(recipe))[:16]}"


class Receipt(NamedTuple):
    """Tiles of a kernel, some or all of them.

    Attributes:
        folder: where they are.
        files: SHA-256 of each, by its name.
    """

    folder: Path
    files: dict[str, str]

    @classmethod
    def of(cls, files: Iterable[Path], folder: Path) -> Receipt:
        """That of files as they are."""
        return cls(folder, {path.name: sha256(path) for path in files})

    @classmethod
    def read(cls, path: str | Path) -> Receipt:
        """From a file, which names the folder as seen from its own."""
        content = json.loads(Path(path).read_text())
        return cls(Path(path).parent / content["tiles"], content["files"])

    @classmethod
    def joined(cls, paths: Iterable[str | Path]) -> Receipt:
        """All receipts of one kernel as one."""
        receipts = [cls.read(path) for path in paths]
        folders = {receipt.folder for receipt in receipts}
        if len(folders) > 1:
            raise InputError(
                f"receipts name the folders {sorted(map(str, folders))}, expected one: run the study again."
            )
        files = {name: sha for receipt in receipts for name, sha in receipt.files.items()}
        return cls(folders.pop(), files)

    @property
    def paths(self) -> list[Path]:
        """The files."""
        return [self.folder / name for name in self.files]

    def write(self, path: str | Path) -> None:
        """Write it to a file, with the folder relative to that."""
        tiles = self.folder.relative_to(Path(path).parent).as_posix()
        with atomic(path) as temporary:
            temporary.write_text(json.dumps({"tiles": tiles, "files": self.files}, indent=1) + "\n")

    def check(self) -> None:
        """Refuse files that are not what it says."""
        wrong = [
            path.name for path in self.paths
            if not path.is_file() or sha256(path) != self.files[path.name]
        ]  # fmt: skip
        if wrong:
            raise InputError(
                f"{self.folder}: {len(wrong)} of {len(self.files)} files, such as {wrong[0]}, are missing or not as their "
                "receipt says. Say `widelimit audit results --discard`, and run the study again: it makes these anew."
            )
