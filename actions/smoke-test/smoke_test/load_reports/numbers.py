"""Numbers out of a report that nobody vouches for. Raises Unreadable."""

from __future__ import annotations

import math
from collections.abc import Mapping

from actionkit.checked import COUNT_LIMIT
from actionkit.errors import Unreadable

LONGEST_SECONDS = 10.0**9
MOST = 10.0**15
"""No tool measures more, in whatever unit; what is below can be added up and multiplied."""


def count(name: str, fields: Mapping[str, object], key: str) -> int:
    """A count that is there or 0."""
    value = number(name, fields, key)
    if value is None:
        return 0
    if not value.is_integer() or value > COUNT_LIMIT:
        raise Unreadable(name, f"`{key[:60]}` is no count")
    return int(value)


def stated(name: str, fields: Mapping[str, object], key: str) -> int:
    """A count that has to be there: read as 0, a field that is called otherwise would be good news."""
    if fields.get(key) is None:
        raise Unreadable(name, f"does not say `{key[:60]}`")
    return count(name, fields, key)


def seconds(name: str, events: int, rate: float | None) -> float:
    """How long it took at so many a second; 0.0 where there is no rate."""
    if not rate:
        return 0.0
    if events / rate > LONGEST_SECONDS:
        raise Unreadable(name, "has a rate that no tool measures")
    return events / rate


def number(name: str, fields: Mapping[str, object], key: str) -> float | None:
    """A finite number of 0 or more; None where there is none."""
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(name, f"`{key[:60]}` is no number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not 0 <= found <= MOST:
        raise Unreadable(name, f"`{key[:60]}` is no number that a tool measures")
    return found
