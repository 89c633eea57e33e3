"""JSON reports: loading one, and counts out of it that nobody vouches for."""

from __future__ import annotations

from actionkit.errors import Unreadable
from actionkit.jsondoc import Json, parse, whole
from coverage_gate.model import Counts
from coverage_gate.readers.source import Source


def load(source: Source) -> Json:
    """Read a JSON object. Raises Unreadable as `actionkit.jsondoc.parse` does."""
    return parse(source.name, source.read())


def counts(name: str, covered: object, total: object, what: str) -> Counts:
    """Covered out of total, else Unreadable naming `what`."""
    found = Counts(whole(name, covered, f"covered in {what}"), whole(name, total, f"total in {what}"))
    if not 0 <= found.covered <= found.total:
        raise Unreadable(name, f"{what} claims {str(covered)[:20]} covered of {str(total)[:20]}")
    return found
