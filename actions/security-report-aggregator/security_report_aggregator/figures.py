"""The outputs, read from an outcome's data, which in a relayed outcome nobody vouches for: what is off is empty."""

from __future__ import annotations

from collections.abc import Callable

from actionkit.outcome import Outcome
from actionkit.pages import mapping

COUNT_LIMIT = 10**9
GRADES = ("A", "B", "C", "D", "F")

Figure = Callable[[Outcome], str]


def count(name: str) -> Figure:
    """A whole number in `data.counts`; "" where there is something else."""

    def value(outcome: Outcome) -> str:
        found = whole(mapping(outcome.data.get("counts")).get(name))
        return "" if found is None else str(found)

    return value


def score(outcome: Outcome) -> str:
    """The security score, 0 to 100; "" where the evidence is incomplete."""
    found = whole(mapping(outcome.data.get("score")).get("score"))
    return str(found) if found is not None and found <= 100 else ""


def grade(outcome: Outcome) -> str:
    found = mapping(outcome.data.get("score")).get("grade")
    return found if isinstance(found, str) and found in GRADES else ""


def sarif_file(outcome: Outcome) -> str:
    return _text(mapping(outcome.data.get("sarif")).get("path"))


def sarif_id(outcome: Outcome) -> str:
    return _text(mapping(outcome.data.get("sarif")).get("id"))


def whole(value: object) -> int | None:
    """A count, None for anything else."""
    return value if type(value) is int and 0 <= value <= COUNT_LIMIT else None


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) < 1000 and value.isprintable() else ""
