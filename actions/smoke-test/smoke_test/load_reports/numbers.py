"""Numbers out of a report that nobody vouches for. Raises Unreadable."""

from __future__ import annotations

import math
from collections.abc import Mapping

from actionkit.checked import COUNT_LIMIT
from actionkit.errors import Unreadable

LONGEST_SECONDS = 10.0**9


def count(name: str, fields: Mapping[str, object], key: str) -> int:
    """A count that is there or 0."""
    value = number(name, fields, key)
    if value is None:
        return 0
    if not value.is_integer() or value > COUNT_LIMIT:
        raise Unreadable(name, f"`{key[:60]}` is no count")
    return int(value)


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
    if not math.isfinite(found) or found < 0:
        raise Unreadable(name, f"`{key[:60]}` is no number that a tool measures")
    return found
