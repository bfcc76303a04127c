"""The ledger: what the theory claims, how each claim is decided, and its negative control."""

from widelimit.claims.claim import Claim, Control, Statistic
from widelimit.claims.decide import holm, tendency
from widelimit.claims.registry import load

__all__ = ["Claim", "Control", "Statistic", "holm", "load", "tendency"]
