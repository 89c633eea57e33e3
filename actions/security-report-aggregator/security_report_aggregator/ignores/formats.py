"""What the readers of ignore files have in common: the form of a reader, and days as scanners count them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from actionkit.untrusted import one_line, shortened
from security_report_aggregator.alias_groups import advisory_in
from security_report_aggregator.document import Document
from security_report_aggregator.waiver import Waiver

REASON_LIMIT = 1000
"""Characters of a reason that are kept."""

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class IgnoreFormat:
    """A kind of ignore file: `recognises` never raises, `read` raises Unreadable and nothing else."""

    recognises: Callable[[Document], bool]
    read: Callable[[Document], tuple[Waiver, ...]]


def reason_of(text: str) -> str:
    """A reason that others wrote, on one line."""
    return shortened(one_line(text), REASON_LIMIT)


class Named(NamedTuple):
    """What an id names: a weakness by its ids, or a scanner's rule."""

    ids: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def named(tool: str, identifier: str) -> Named:
    """An advisory's id means the weakness with all its aliases; anything else is a rule of that scanner."""
    advisory = advisory_in(identifier)
    return Named(ids=(advisory,)) if advisory else Named(rules=(f"{tool}/{identifier}",))


def last_day(expires: date | datetime) -> date | None:
    """The last whole day (UTC) before an exception expires; None for Go's zero time, which means never.

    Trivy and OSV-Scanner compare with the current time: an entry that expires on a day no longer counts on it.
    """
    if not isinstance(expires, datetime):
        return expires - _DAY if expires != date.min else None
    moment = expires if expires.tzinfo else expires.replace(tzinfo=UTC)
    try:
        if moment == _NEVER:
            return None
        return (moment.astimezone(UTC) + _SECOND).date() - _DAY  # 23:59:59 is the end of its day.
    except OverflowError:
        return date.max if moment.year > 1 else date.min


def expiry(text: str) -> date | None:
    """`last_day` of a date or time as written. Raises ValueError for what is neither."""
    found = datetime.fromisoformat(text.strip())
    return last_day(found.date() if len(text.strip()) <= len("2026-01-01") else found)
