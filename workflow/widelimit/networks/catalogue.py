"""Networks by plain numbers, as configurations give them."""

from __future__ import annotations

import re
from typing import Any

from widelimit.networks.cnn import cntk, myrtle
from widelimit.networks.mlp import mlp
from widelimit.networks.serial import Serial

__all__ = ["by_name", "named"]

_KINDS = {"mlp": mlp, "cntk": cntk, "myrtle": myrtle}


def by_name(name: str) -> Serial:
    """The network that the literature calls so: myrtle5, myrtle7, myrtle10, cntk11 or cntk11-flat, at any depth."""
    found = re.fullmatch(r"(myrtle|cntk)(\d+)(-flat)?", name)
    if found is None or (found[1] == "myrtle" and found[3]):
        raise ValueError(
            f"there is no network {name!r}, expected a name such as myrtle10, cntk11 or cntk11-flat."
        )
    return (
        myrtle(int(found[2])) if found[1] == "myrtle" else cntk(int(found[2]), pooling=not found[3])
    )


def named(kind: str = "mlp", **arguments: Any) -> Serial:
    """The network of a kind: `mlp`, `cntk` or `myrtle`.

    Args:
        kind: its name.
        arguments: those of the function of that name.
    """
    if kind not in _KINDS:
        raise ValueError(f"kind is {kind!r}, expected one of {list(_KINDS)}.")
    return _KINDS[kind](**arguments)  # type: ignore[operator]
