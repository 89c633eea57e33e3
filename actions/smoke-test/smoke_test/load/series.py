"""Kinds of series, and the figures that a threshold can ask of each. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from smoke_test.load.percentiles import percentile


@dataclass(frozen=True, slots=True)
class Figure:
    """The answer to what a threshold asks for, and of how many samples it was made. `value` None: nobody knows.

    Durations are milliseconds; shares are exact.
    """

    value: float | Fraction | None
    samples: int = 0


NOTHING = Figure(None)


class Trend:
    """Durations in milliseconds, raw and whole, 32 bytes each: a list of floats sorts in place, without a copy."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._ordered = 0

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: float) -> None:
        self._values.append(value)

    @property
    def ordered(self) -> list[float]:
        """All values in ascending order. Asked again and again, only what is new costs much (timsort merges runs)."""
        if self._ordered != len(self._values):
            self._values.sort()
            self._ordered = len(self._values)
        return self._values

    def at(self, percent: float) -> float | None:
        """A percentile (0 to 100); None where there is no sample."""
        return percentile(self.ordered, percent) if self._values else None

    def figure(self, aggregate: str, percent: Fraction | None) -> Figure:
        count = len(self._values)
        if not count:
            return NOTHING
        if aggregate == "avg":
            return Figure(sum(self._values) / count, count)
        fixed = {"min": 0.0, "med": 50.0, "max": 100.0}.get(aggregate)
        return Figure(self.at(float(percent or 0) if fixed is None else fixed), count)


class Rate:
    """How many of how many."""

    def __init__(self, hits: int = 0, total: int = 0) -> None:
        self.hits, self.total = hits, total

    def add(self, hit: bool) -> None:
        self.hits += hit
        self.total += 1

    def figure(self, more_hits: int = 0) -> Figure:
        """The share as a fraction, with so many more hits that are not in the series."""
        total = self.total + more_hits
        return Figure(Fraction(self.hits + more_hits, total), total) if total else NOTHING


def counted(count: int, samples: int, aggregate: str, seconds: float) -> Figure:
    """A counter: its value, or as a `rate` so many a second."""
    if aggregate == "rate":
        return Figure(count / seconds, samples) if seconds > 0 else NOTHING
    return Figure(Fraction(count), samples)
