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
        return self._due_before(as_written(self.duration))

    def due_before(self, seconds: float) -> int:
        """How many iterations are due earlier than that."""
        return self._due_before(Fraction(seconds))

    def _due_before(self, seconds: Fraction) -> int:
        return max(0, math.ceil(seconds * self.rate / as_written(self.time_unit)))

    def first_startable(self, index: int, free_since: float) -> int:
        """The first iteration from `index` on that a user who is free since `free_since` may start.

        Those before it came due while nobody was free: they are dropped. At most `count`.
        """
        return max(index, min(self.due_before(free_since), self.count))


def as_written(seconds: float) -> Fraction:
    """0.4 as two fifths, and not as the float next to it, which is a little more and would make one iteration more."""
    return Fraction(str(seconds))
