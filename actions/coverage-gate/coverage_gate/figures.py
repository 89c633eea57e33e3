"""The outputs, read from an outcome's data, which in a relayed outcome nobody vouches for: what is off is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actionkit.checked import COUNT_LIMIT
from actionkit.outcome import Outcome
from coverage_gate.evidence import percent, shown
from coverage_gate.model import Counts

Figure = Callable[[Outcome], str]


def share(key: str, kind: str) -> Figure:
    """Percent of `kind` (lines, branches) in `data[key]`: two decimals, rounded down; "" where nothing is measured."""

    def value(outcome: Outcome) -> str:
        totals = section(outcome, key)
        covered, total = number(totals, f"{kind}_covered"), number(totals, f"{kind}_total")
        return shown(percent(Counts(covered, total))) if covered is not None and total and covered <= total else ""

    return value


def count(key: str, name: str) -> Figure:
    """A whole number in `data[key]`; "" where nothing was measured at all."""

    def value(outcome: Outcome) -> str:
        found = number(section(outcome, key), name)
        return "" if found is None else str(found)

    return value


def points(outcome: Outcome) -> str:
    """The change of line coverage in percentage points, two decimals, rounded down; "" without a baseline."""
    value = percentage_points(section(outcome, "delta_detail").get("points"))
    return "" if value is None else f"{value:.2f}"


def badge(outcome: Outcome) -> str:
    path = outcome.data.get("badge")
    return path if isinstance(path, str) else ""


def section(outcome: Outcome, key: str) -> Mapping[str, Any]:
    """A mapping in the data; empty where there is something else."""
    value = outcome.data.get(key)
    return value if isinstance(value, Mapping) else {}


def number(row: Mapping[str, Any], name: str) -> int | None:
    """A count in a row; None where there is something else."""
    value = row.get(name)
    return value if type(value) is int and 0 <= value <= COUNT_LIMIT else None


def percentage_points(value: object) -> float | None:
    """A difference of two percentages; None for anything else."""
    return value if type(value) in (int, float) and isinstance(value, int | float) and -100 <= value <= 100 else None
