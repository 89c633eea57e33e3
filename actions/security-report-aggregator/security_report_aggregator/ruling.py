"""What one rule says of a run, and how weaknesses are named in it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from actionkit.origin import Origin
from actionkit.untrusted import one_line, shortened
from security_report_aggregator import consensus
from security_report_aggregator.evidence import Delta
from security_report_aggregator.model import Level, Weakness

NAMED = 3
"""Weaknesses that a sentence names before it counts the rest."""

BRIEF_LENGTH = 80
"""Characters of the words of others in a headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One rule held against the evidence.

    `ok` is None where the evidence cannot say. `message` is a sentence without a full stop, `brief` the same in a few
    words for a headline ("" where the findings say it). `findings` are the ids of the weaknesses it failed for.
    `evidence` marks what is in doubt itself: then the run is nothing to compare later ones with.
    """

    rule: str
    origin: Origin
    ok: bool | None
    message: str
    brief: str = ""
    fix: str = ""
    findings: tuple[str, ...] = ()
    evidence: bool = False


def named(weakness: Weakness) -> str:
    """`CVE-2021-1 in django`, `B608 in src/db.py`: for sentences; the words of others on one line."""
    name = short(weakness.aliases[0] if weakness.aliases else weakness.first.rule.id)
    package = consensus.package_of(weakness)
    if package is not None:
        return f"{name} in {short(package.name)}"
    place = consensus.location_of(weakness)
    return f"{name} in {short(place.path)}" if place is not None else name


def listed(weaknesses: Sequence[Weakness]) -> str:
    """The first few by name, and how many more there are."""
    more = len(weaknesses) - NAMED
    names = ", ".join(named(weakness) for weakness in weaknesses[:NAMED])
    return f"{names} and {more} more" if more > 0 else names


def tally(weaknesses: Iterable[Weakness], delta: Delta | None = None) -> str:
    """`2 high (1 new) and 1 unknown`, the worst first."""
    found: Counter[Level] = Counter()
    new: Counter[Level] = Counter()
    for weakness in weaknesses:
        found[weakness.rated.level] += 1
        if delta is not None and weakness.id in delta.new:
            new[weakness.rated.level] += 1
    parts = [
        f"{found[level]} {level.value}{f' ({new[level]} new)' if new[level] else ''}" for level in Level if found[level]
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def plural(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def short(text: str, length: int = BRIEF_LENGTH) -> str:
    return shortened(one_line(text), length)


def span(span: timedelta) -> str:
    """`3 days`, `5 hours` or `12 minutes`, rounded down."""
    seconds = int(span.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return plural(seconds // length, unit)
    return plural(seconds, "second")
