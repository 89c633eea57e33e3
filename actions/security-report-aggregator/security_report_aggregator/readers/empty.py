"""A document that is exactly `[]` or `null`: how many scanners write that they found nothing."""

from __future__ import annotations

from security_report_aggregator import tools
from security_report_aggregator.document import Document, Reader
from security_report_aggregator.model import Scan

LONGEST = 1024
"""Bytes, blanks included, of what is looked at."""

NEVER_EMPTY = frozenset(
    {"bandit", "dependency-check", "detect-secrets", "grype", "npm-audit", "osv-scanner", "semgrep"}
)
"""Scanners whose JSON is an object in every version, whatever they find: a list comes from `|| echo '[]'`."""


def recognises(document: Document) -> bool:
    return len(document.data) <= LONGEST and document.data.strip() in (b"[]", b"null")


def read(document: Document) -> tuple[Scan, ...]:
    """One clean scan. Raises Unreadable where the scanner is one that never writes this."""
    tool = tools.normalised(document.label) if document.label else tools.hinted(document.name)
    if tool in NEVER_EMPTY:
        said = document.data.strip().decode("ascii")
        raise document.unreadable(f"is `{said}`, which {tool} never writes: something else stands for its report")
    notes: tuple[str, ...] = ()
    if not tool:
        notes = ("nothing in it or its path tells which scanner wrote it; name the scanner with `tool=glob`",)
    return (Scan(document.name, tool or "unknown", "", "empty", notes=notes),)


READER = Reader("empty", recognises, read)
