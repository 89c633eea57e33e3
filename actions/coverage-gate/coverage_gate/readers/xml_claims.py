"""What a report's own header says, held against what its lines add up to."""

from __future__ import annotations

from collections.abc import Mapping

from actionkit.xmldoc import whole_or_none
from coverage_gate.model import Counts, Totals

_MILLISECONDS_FROM = 100_000_000_000
"""A timestamp above this is in milliseconds: as seconds it would lie in the year 5138."""


def count(attributes: Mapping[str, str], covered: str, total: str) -> Counts | None:
    """The counts in two attributes; None if either is missing or no whole number, or they contradict each other."""
    found = whole_or_none(attributes.get(covered, "")), whole_or_none(attributes.get(total, ""))
    if found[0] is None or found[1] is None or not 0 <= found[0] <= found[1]:
        return None
    return Counts(found[0], found[1])


def doubts_about(claimed: Counts | None, counted: Counts, what: str) -> tuple[str, ...]:
    """A sentence with both numbers if header and lines disagree; `what` is the plural noun that is counted."""
    if claimed is None or claimed == counted:
        return ()
    return (
        f"The header claims {claimed.covered} of {claimed.total} {what}, "
        f"but what the report lists adds up to {counted.covered} of {counted.total}.",
    )


def believed(claimed: Totals | None, counted: Totals) -> Totals | None:
    """The header's totals where they are known to be right and the lines to fall short, else None.

    Istanbul writes branches onto the records of lines with a statement, so branches on other lines are missing from
    the lines but not from the header. The header is believed only if it counts the very same lines, no fewer
    branches, and the lines hold at least nine tenths of them (so it is not the header of a larger report).
    """
    if claimed is None or claimed == counted or claimed.lines != counted.lines:
        return None
    header, listed = claimed.branches, counted.branches
    if header.total < listed.total or header.covered < listed.covered or listed.total * 10 < header.total * 9:
        return None
    return claimed


def moment(text: str | None) -> float | None:
    """Seconds since the epoch from a timestamp in seconds or milliseconds; None for 0 or what is no number."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    if not 0 < number < 1000 * _MILLISECONDS_FROM:
        return None
    return number / 1000 if number >= _MILLISECONDS_FROM else number
