"""Limits and the only comparison with them: integers, and every reading of the evidence has to agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from actionkit.origin import Origin
from coverage_gate.evidence import Measure
from coverage_gate.model import Counts


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit in percent (or percentage points), 0 to 100, and who set it."""

    limit: Fraction
    origin: Origin

    def __str__(self) -> str:
        return plain(self.limit)


def plain(number: Fraction) -> str:
    """A number written in decimals as it was given: `85`, `79.5`. What has no end as a decimal is cut at six places."""
    for places in range(6):
        scaled = number * 10**places
        if scaled.denominator == 1:
            break
    else:
        places, scaled = 6, Fraction(int(number * 10**6))
    sign, digits = ("-", -int(scaled)) if scaled < 0 else ("", int(scaled))
    whole, rest = divmod(digits, 10**places)
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def meets(counts: Counts, limit: Fraction) -> bool:
    """covered / total >= limit percent, in integers: 79.996 is below 80. `total` is not 0."""
    return counts.covered * 100 * limit.denominator >= limit.numerator * counts.total


def judged(measure: Measure, limit: Fraction) -> bool | None:
    """True if every reading meets the limit, False if every one misses it, None if they differ.

    A measure without anything to cover (0 of 0) has no answer: ask `is_empty` first.
    """
    answers = {meets(counts, limit) for counts in readings(measure) if counts.total}
    if len(answers) != 1 or (not measure.counts.total):
        return None
    return answers.pop()


def readings(measure: Measure) -> tuple[Counts, ...]:
    return tuple(dict.fromkeys((measure.counts, measure.lowest, measure.highest)))


def is_empty(measure: Measure) -> bool:
    """True if there is nothing to cover in any reading."""
    return not any(counts.total for counts in readings(measure))


def worst(measure: Measure) -> Counts:
    """The reading with the lowest percentage: what meets a limit in this one meets it in all."""
    return min((counts for counts in readings(measure) if counts.total), key=_share, default=measure.counts)


def needed(counts: Counts, limit: Fraction) -> int:
    """How many more of the same total must be covered to meet the limit; 0 if it is met."""
    wanted = -(-limit.numerator * counts.total // (100 * limit.denominator))
    return max(0, wanted - counts.covered)


def total_of(parts: Iterable[Counts]) -> Counts:
    """The sum; `Counts(0, 0)` of nothing."""
    covered = total = 0
    for part in parts:
        covered += part.covered
        total += part.total
    return Counts(covered, total)


def _share(counts: Counts) -> Fraction:
    return Fraction(counts.covered, counts.total)
