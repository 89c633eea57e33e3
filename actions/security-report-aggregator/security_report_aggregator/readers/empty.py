"""A document that is exactly `[]` or `null`: how many scanners write that they found nothing."""

from __future__ import annotations

from security_report_aggregator import tools
from security_report_aggregator.document import Document, Reader
from security_report_aggregator.model import Scan

LONGEST = 1024
"""Bytes, blanks included, of what is looked at."""


def recognises(document: Document) -> bool:
    return len(document.data) <= LONGEST and document.data.strip() in (b"[]", b"null")


def read(document: Document) -> tuple[Scan, ...]:
    tool = tools.normalised(document.label) if document.label else tools.hinted(document.name)
    notes: tuple[str, ...] = ()
    if not tool:
        notes = ("nothing in it or its path tells which scanner wrote it; name the scanner with `tool=glob`",)
    return (Scan(document.name, tool or "unknown", "", "empty", notes=notes),)


READER = Reader("empty", recognises, read)
