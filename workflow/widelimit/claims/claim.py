"""What a claim is: a statement with its decision rule, written down before its data are seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from widelimit.statistics import ConfidenceDistribution

__all__ = ["Claim", "Control", "Statistic"]


@dataclasses.dataclass(frozen=True)
class Statistic:
    """One number that a claim is decided on.

    The claim's part is supported if the number's confidence interval lies inside the equivalence
    interval, and refuted if it lies outside.

    Attributes:
        name: identifier.
        meaning: what it is, in words.
        expected: the value that theory gives.
        low, high: the equivalence interval; one end may be infinite.
    """

    name: str
    meaning: str
    expected: float
    low: float
    high: float

    @property
    def margin(self) -> float:
        """Distance from the expected value to the nearer finite end of the interval."""
        return min(abs(self.high - self.expected), abs(self.expected - self.low))


@dataclasses.dataclass(frozen=True)
class Control:
    """The negative control: the same measurement with one setting changed, in which theory says no.

    Attributes:
        setting: name of the setting.
        value: what it is changed to.
        because: why the statement must fail then.
    """

    setting: str
    value: Any
    because: str


@dataclasses.dataclass(frozen=True)
class Claim:
    """A testable statement of the theory.

    Attributes:
        id: "C" and a number.
        title: a few words.
        statement: what is claimed, in its correct form.
        source: where it is claimed, with the place.
        erratum: what the source printed otherwise; empty if nothing.
        statistics: what it is decided on; it is supported if all its parts are.
        settings: the arguments of ``measure``, sample sizes included.
        control: the negative control.
        measure: maps a seed and the settings to the confidence distribution of each statistic.
        adjusted: what was changed in the rule after data had been seen; empty if nothing.
        figure, notebook: names of those in which the report shows the matter.
    """

    id: str
    title: str
    statement: str
    source: str
    statistics: tuple[Statistic, ...]
    settings: Mapping[str, Any]
    control: Control
    measure: Callable[..., Mapping[str, ConfidenceDistribution]]
    erratum: str = ""
    adjusted: str = ""
    figure: str = "ledger"
    notebook: str = "ledger"

    def __post_init__(self) -> None:
        if self.control.setting not in self.settings:
            raise ValueError(
                f"the control of {self.id} changes {self.control.setting!r}, which is no setting of "
                f"it; expected one of {sorted(self.settings)}."
            )

    def rows(self) -> dict[str, dict[str, Any]]:
        """The settings of the claim's and of the control's measurement."""
        settings = dict(self.settings)
        return {
            "claim": settings,
            "control": settings | {self.control.setting: self.control.value},
        }
