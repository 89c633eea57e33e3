"""The outputs, read from an outcome's data, which in a relayed outcome nobody vouches for: what is off is empty."""

from __future__ import annotations

import math
from collections.abc import Callable

from actionkit.outcome import Outcome
from actionkit.pages import mapping

COUNT_LIMIT = 10**9

Figure = Callable[[Outcome], str]


def count(name: str) -> Figure:
    """A whole number in `data.counts`; "" where there is something else."""
    return lambda outcome: _whole(mapping(outcome.data.get("counts")).get(name))


def requests(outcome: Outcome) -> str:
    """How many requests were made, of the load stage where there was one."""
    return _whole(mapping(outcome.data.get("measures")).get("requests"))


def measure(name: str) -> Figure:
    """A number in `data.measures` with up to three decimals; "" where there is none."""

    def value(outcome: Outcome) -> str:
        found = mapping(outcome.data.get("measures")).get(name)
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found) or found < 0:
            return ""
        return f"{found:.6f}".rstrip("0").rstrip(".")

    return value


def path(name: str) -> Figure:
    """A path in `data`, on one line; "" where there is something else."""

    def value(outcome: Outcome) -> str:
        found = outcome.data.get(name)
        return found if isinstance(found, str) and found.isprintable() else ""

    return value


def _whole(found: object) -> str:
    return str(found) if type(found) is int and 0 <= found <= COUNT_LIMIT else ""
