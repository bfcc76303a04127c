"""The claims by their identifiers."""

from __future__ import annotations

import importlib

from widelimit.claims.claim import Claim
from widelimit.modules import claim_module

__all__ = ["load"]


def load(claim: str) -> Claim:
    """Import a claim, such as "C17"."""
    name = claim_module(claim).removesuffix(".py").replace("/", ".")
    return importlib.import_module(f"widelimit.{name}").CLAIM
