"""Fields of a report that nobody vouches for: what has not the type its format says is left out or refused by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from security_report_aggregator.document import Document

TEXT_LIMIT = 4000
"""Characters of one text that are kept: enough for any message, little enough for a million findings."""

Object = Mapping[str, object]
NONE: Object = {}


def objects(document: Document, value: object, what: str) -> Iterator[Object]:
    """The objects of a list; nothing for null, which is how several scanners write an empty list.

    Raises Unreadable naming `what` for anything that is no list of objects: a record lost would be a false pass.
    """
    if value is None:
        return
    if not isinstance(value, list):
        raise document.unreadable(f"`{what}` is no list")
    for at, item in enumerate(value):
        if not isinstance(item, dict):
            raise document.unreadable(f"`{what}[{at}]` is no object")
        yield item


def obj(value: object) -> Object:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else NONE


def text(value: object) -> str:
    """The text, cut where it is absurdly long; a number as its text; "" for anything else.

    Half of a surrogate pair, which JSON can spell and no file can hold, becomes a question mark.
    """
    if isinstance(value, str):
        kept = value[:TEXT_LIMIT]
        return kept if kept.isascii() else kept.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value)


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list, or the one text itself; without empty ones, each once."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(found for one in value if (found := text(one).strip())))


def line(value: object) -> int | None:
    """A line or column from 1 as a number or its digits; None for 0, negatives and anything else."""
    if type(value) is int:
        return value if 0 < value < 2**31 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 < value < 2**31 else None


def moment(value: object) -> datetime | None:
    """RFC 3339 text (any zone, none is UTC, any number of fractional digits) or seconds since the epoch, as UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and 8 <= len(value) <= 40:
            found = datetime.fromisoformat(value.strip().replace(" UTC", "Z"))
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def numbers_of_cwes(*values: object) -> tuple[int, ...]:
    """CWE numbers out of whatever a scanner writes: `CWE-79`, `["CWE-79: XSS"]`, `79`, `external/cwe/cwe-079`."""
    found: set[int] = set()
    for value in values:
        for one in value if isinstance(value, list) else [value]:
            found.update(_cwe(one))
    return tuple(sorted(found))


def _cwe(value: object) -> Iterator[int]:
    import re

    if isinstance(value, dict):
        value = value.get("id") or value.get("cweid") or value.get("cwe")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return
    if value.isascii() and value.isdigit():
        number = int(value[:9])
        if 0 < number < 10_000:
            yield number
    for digits in re.findall(r"cwe[-_ ]?0*([1-9][0-9]{0,3})\b", value, re.IGNORECASE):
        yield int(digits)
