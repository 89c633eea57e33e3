"""Why there is nothing to compare with. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no baseline; no `reason` where there is one.

    `heals`: the next recorded run ends that. `promise` says so behind the reason, where nothing is recorded at all.
    """

    reason: str = ""
    heals: bool = False
    promise: str = ""

    def __str__(self) -> str:
        return f"{self.reason}{self.promise}"

    def not_begun(self) -> Self:
        """The same where this run should have recorded the first one and could not: nothing heals by itself."""
        return replace(self, reason=f"{self.reason}, and this run could not record one", heals=False, promise="")
