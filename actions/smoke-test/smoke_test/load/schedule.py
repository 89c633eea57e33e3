"""When iterations are due in the open model, and which are dropped. Pure arithmetic; seconds since the stage began.

As k6 does it: iteration i is due at i * time_unit / rate; one that is due while no virtual user is free is dropped at
once and never made up for, one whose start is late for any other reason starts as soon as it can.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Schedule:
    """The arrivals of a stage: `rate` every `time_unit` seconds, the first at 0, the last before `duration`."""

    rate: int
    time_unit: float
    duration: float

    def due(self, index: int) -> float:
        """When the iteration of that index (from 0) is due."""
        return index * self.time_unit / self.rate

    @property
    def count(self) -> int:
        """How many iterations the whole stage asks for."""
        return self.due_before(self.duration)

    def due_before(self, seconds: float) -> int:
        """How many iterations are due earlier than that."""
        if seconds <= 0:
            return 0
        return math.ceil(Fraction(seconds) * self.rate / Fraction(self.time_unit))

    def first_startable(self, index: int, free_since: float) -> int:
        """The first iteration from `index` on that a user who is free since `free_since` may start.

        Those before it came due while nobody was free: they are dropped. At most `count`.
        """
        return max(index, min(self.due_before(free_since), self.count))
