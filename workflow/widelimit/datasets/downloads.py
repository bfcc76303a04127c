"""Fetching files by name, with checksum, retry, and resume of an interrupted download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pooch
import requests
from filelock import FileLock
from tqdm import tqdm

from widelimit.errors import InputError

__all__ = ["fetch", "resume_download"]


def fetch(
    source: str,
    files: dict[str, tuple[str, str]],
    cache: str | Path | None = None,
    retries: int = 3,
) -> dict[str, Path]:
    """Download files that are not in the cache yet, and check all of them.

    Args:
        source: name of the data, and of the folder in the cache: file names of sources coincide.
        files: ``{name: (url, checksum)}`` with checksums such as "md5:…" or "sha256:…".
        cache: folder to keep the files in; by default the user's cache folder.
        retries: how often a failed download or a wrong checksum is tried again.

    Returns:
        The local path of each file.
    """
    folder = Path(cache or pooch.os_cache("widelimit")) / source
    folder.mkdir(parents=True, exist_ok=True)
    fetcher = pooch.create(
        path=folder,
        base_url="",
        registry={name: checksum for name, (_, checksum) in files.items()},
        urls={name: url for name, (url, _) in files.items()},
        retry_if_failed=retries,
    )
    try:
        with FileLock(folder / ".lock"):  # two data sets of one source may be prepared at once
            return {name: Path(fetcher.fetch(name, downloader=resume_download)) for name in files}
    except (requests.exceptions.RequestException, ValueError, OSError) as error:
        raise InputError(
            f"could not fetch {', '.join(files)} ({error}). On a machine without a network, download "
            "the files elsewhere and give their folder as `path` of the data set."
        ) from error


def resume_download(url: str, output_file: Any, _fetcher: pooch.Pooch | None = None) -> None:
    """A downloader for pooch that goes on where an earlier attempt broke off.

    What has arrived is kept beside the target as ``<name>.part``. A server that ignores the range
    request sends the whole file, which then replaces the part.
    """
    part = Path(output_file).parent / f"{url.rsplit('/', 1)[-1]}.part"
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with requests.get(url, headers=headers, stream=True, timeout=30) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            part.unlink()
            raise requests.exceptions.ConnectionError("the partial download was out of step")
        response.raise_for_status()
        resumed = response.status_code == requests.codes.partial_content
        expected = int(response.headers.get("content-length", 0)) + (have if resumed else 0)
        with (
            part.open("ab" if resumed else "wb") as file,
            tqdm(desc=part.stem, total=expected or None, initial=file.tell(), unit="B",
                 unit_scale=True, mininterval=5) as bar,
        ):  # fmt: skip
            for block in response.iter_content(2**16):
                file.write(block)
                bar.update(len(block))
    if expected and part.stat().st_size < expected:
        raise requests.exceptions.ConnectionError(
            f"connection closed after {part.stat().st_size} of {expected} bytes"
        )
    part.replace(output_file)
