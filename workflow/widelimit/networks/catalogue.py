"""Networks by plain numbers, as configurations give them."""

from __future__ import annotations

from typing import Any

from widelimit.networks.cnn import cntk, myrtle
from widelimit.networks.mlp import mlp
from widelimit.networks.serial import Serial

__all__ = ["named"]

_KINDS = {"mlp": mlp, "cntk": cntk, "myrtle": myrtle}


def named(kind: str = "mlp", **arguments: Any) -> Serial:
    """The network of a kind: `mlp`, `cntk` or `myrtle`.

    Args:
        kind: its name.
        arguments: those of the function of that name.
    """
    if kind not in _KINDS:
        raise ValueError(f"kind is {kind!r}, expected one of {list(_KINDS)}.")
    return _KINDS[kind](**arguments)  # type: ignore[operator]
