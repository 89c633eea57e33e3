"""Dates as answers write them, and `strftime` patterns of chrono's spelling, which is Hurl's. Pure.

The directives are those both chrono and Python know, plus `%F %T %R %D %e %.f %3f %s %+`, which are translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from actionkit.asserts.kinds import approximate, is_number

DIRECTIVES = frozenset("aAbBdeDfFHIjmMpRsSTyYzZ+%")
_DIRECTIVE = re.compile(r"%(\.[369]?f|[369]f|.?)", re.DOTALL)
_LONG_FORMS = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M", "%D": "%m/%d/%y"}
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_TOO_FINE = re.compile(r"([.,][0-9]{6})[0-9]+")
_MILLISECONDS_FROM = 100_000_000_000
"""Epoch values from here on (year 5138 in seconds, 1973 in milliseconds) count milliseconds."""


def read(value: Any) -> datetime | None:
    """A date from ISO 8601, an HTTP date (RFC 9110, section 5.6.7) or seconds or milliseconds since 1970, else None.

    Without an offset it is UTC.
    """
    if isinstance(value, datetime):
        return value
    if is_number(value):
        return epoch(approximate(value) / (1000 if abs(value) >= _MILLISECONDS_FROM else 1))
    return _text(value.strip()) if isinstance(value, str) else None


def epoch(seconds: float) -> datetime | None:
    """The moment so many seconds after 1970, None beyond the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def _text(text: str) -> datetime | None:
    if _ISO.fullmatch(text):
        return iso(text)
    if text.isascii() and text.isdigit() and len(text) <= 16:
        return read(int(text))
    from email.utils import parsedate_to_datetime

    try:
        return _aware(parsedate_to_datetime(text[:100]))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def iso(text: str) -> datetime | None:
    """ISO 8601 with or without a time, a fraction and an offset."""
    try:
        return _aware(datetime.fromisoformat(_TOO_FINE.sub(r"\1", text).upper().replace(",", ".")))
    except ValueError:
        return None


def is_rfc_3339(text: str) -> bool:
    """Whether `text` is a whole date and time with an offset, and one that exists."""
    return bool(_RFC_3339.fullmatch(text)) and iso(text) is not None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def unknown_directive(pattern: str) -> tuple[int, str] | None:
    """Where the first directive that is not understood starts (from 0) and how it reads, None if all are."""
    for found in _DIRECTIVE.finditer(pattern):
        if found[1] not in DIRECTIVES and not found[1].endswith("f"):
            return found.start(), found[0]
    return None


def parsed(text: str, pattern: str) -> datetime | None:
    """The date that `text` is by `pattern`, None if it is none; UTC unless it says otherwise."""
    if pattern == "%+":
        return iso(text) if _ISO.fullmatch(text) else None
    if pattern == "%s":
        return epoch(float(text)) if re.fullmatch(r"-?[0-9]{1,16}", text, re.ASCII) else None
    try:
        return _aware(datetime.strptime(_TOO_FINE.sub(r"\1", text), _DIRECTIVE.sub(_for_reading, pattern)))
    except (ValueError, re.error, OverflowError):
        return None


def _for_reading(directive: re.Match[str]) -> str:
    found = directive[0]
    if found in _LONG_FORMS:
        return _LONG_FORMS[found]
    if found.endswith("f"):
        return ".%f" if "." in found else "%f"
    return {"%e": "%d", "%+": "%Y-%m-%dT%H:%M:%S%z"}.get(found, found)


def formatted(moment: datetime, pattern: str) -> str:
    """`moment` written by `pattern`."""

    def written(directive: re.Match[str]) -> str:
        return _written(moment, directive[0])

    return _DIRECTIVE.sub(written, pattern)


def _written(moment: datetime, directive: str) -> str:
    if directive.endswith("f"):
        digits = int(directive[-2]) if directive[-2].isdigit() else 6
        fraction = f"{moment.microsecond:06d}000"[:digits]
        return f".{fraction}" if "." in directive else fraction
    own: dict[str, Callable[[], str]] = {
        "%s": lambda: str(int(moment.timestamp())),
        "%+": lambda: moment.isoformat("T"),
        "%e": lambda: f"{moment.day:2d}",
        "%Y": lambda: f"{moment.year:04d}",
        "%F": lambda: f"{moment.year:04d}-{moment:%m-%d}",
        "%z": lambda: f"{moment:%z}"[:5],
    }
    return own[directive]() if directive in own else moment.strftime(_LONG_FORMS.get(directive, directive))
