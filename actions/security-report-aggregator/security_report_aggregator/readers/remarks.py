"""What a scanner says in words about its own run, made fit for a gap or a note."""

from __future__ import annotations

from collections.abc import Iterable

from actionkit.redact import Redactor

LIMIT = 20
"""Remarks of one kind that a report is quoted with; a repository of files that do not parse would fill pages."""

LENGTH = 300


def one_line(text: object) -> str:
    """The words on one line, at most 300 characters, without credentials in addresses; "" for what is no text."""
    if not isinstance(text, str):
        return ""
    return Redactor(()).text(" ".join(text[: 4 * LENGTH].split()))[:LENGTH]


def unknown_version(key: str, version: object) -> str:
    """The gap of a report whose format is newer than what is known here: findings may stand where nobody looks."""
    return f"is of {key} {str(version)[:20]}, which is not known here: findings may be missing"


def capped(remarks: Iterable[str]) -> tuple[str, ...]:
    """Each remark once, the first 20 of them, and how many more there are."""
    once = tuple(dict.fromkeys(remarks))
    if len(once) <= LIMIT:
        return once
    return (*once[:LIMIT], f"and {len(once) - LIMIT} more")
