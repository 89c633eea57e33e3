"""Safety's JSON: 1.x (a list of lists), `safety check` of 2.x and 3.x, `safety scan` of 3.x; text around it, too.

Safety writes its deprecation notice and warnings where its report goes, and pipelines write `2>&1`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from security_report_aggregator import diagnosis
from security_report_aggregator.document import HEAD_SIZE, Document, Kind, Reader
from security_report_aggregator.model import Scan
from security_report_aggregator.readers import safety_check, safety_legacy, safety_scan
from security_report_aggregator.readers.fields import obj
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.remarks import one_line

CANDIDATES = 10
"""Lines that start like JSON and are looked at behind a text; a log's `[notice]` may stand before the report."""

_START = re.compile(rb"^(?=[{\[])", re.MULTILINE)
_END = re.compile(rb"^[}\]][ \t\r]*$", re.MULTILINE)
_UNPINNED = re.compile(r"unpinned requirement '([^'\s]{1,200})' found in (\S{1,300}),")


def recognises(document: Document) -> bool:
    """Whether Safety's JSON stands in the head, a text before it or not."""
    return _found(document) is not None


def read(document: Document) -> tuple[Scan, ...]:
    """One scan. Raises Unreadable."""
    found = _found(document)
    if found is None:
        raise document.unreadable("holds no report of Safety")
    scan = found.read(found.json)
    failure = diagnosis.failure(found.text)
    gaps = (*scan.gaps, *_unaudited(found.text), *((f"Safety {failure}",) if failure else ()))
    return (replace(scan, gaps=gaps, notes=(*_around(found.text), *scan.notes)),)


class _Found(NamedTuple):
    """The JSON of Safety in a document, how it is read, and the text around it."""

    json: Document
    read: Callable[[Document], Scan]
    text: str


def _found(document: Document) -> _Found | None:
    how = _how(document)
    if how is not None and document.data[-4096:].rstrip().endswith((b"}", b"]")):
        return _Found(document, how, "")
    if how is None and not _may_hold(document):
        return None
    starts = [
        found.start() for found, _ in zip(_START.finditer(document.data[:HEAD_SIZE]), range(CANDIDATES), strict=False)
    ]
    for start in starts:
        how = _how(replace(document, data=document.data[start : start + HEAD_SIZE]))
        if how is None:
            continue
        end = _end(document.data, start)
        # Blank lines in place of the text keep the numbers of the lines right.
        blanks = b"\n" * document.data.count(b"\n", 0, start)
        inner = replace(document, data=blanks + document.data[start:end])
        around = document.data[:start] + document.data[end : end + HEAD_SIZE]
        return _Found(inner, how, around.decode("utf-8", "replace"))
    return None


def _may_hold(document: Document) -> bool:
    """Text, or a log line in brackets, with the beginnings of a report behind it."""
    return document.kind is Kind.TEXT or '"report_meta"' in document.head or '"scan_results"' in document.head


def _how(document: Document) -> Callable[[Document], Scan] | None:
    if safety_check.recognises(document):
        return safety_check.read
    if safety_scan.recognises(document):
        return safety_scan.read
    if safety_legacy.recognises(document):
        return safety_legacy.read
    return _refuse if _is_stand_in(document) else None


def _end(data: bytes, start: int) -> int:
    """Where the JSON that starts at `start` ends: with its line, if it is one line, or with the last bracket alone."""
    line_end = data.find(b"\n", start)
    line_end = len(data) if line_end < 0 else line_end
    if data[start:line_end].rstrip().endswith(b"}" if data[start : start + 1] == b"{" else b"]"):
        return line_end
    ends = [found.end() for found in _END.finditer(data, line_end)]
    return ends[-1] if ends else len(data)


def _is_stand_in(document: Document) -> bool:
    """`{"vulnerabilities": [], "error": "…"}`, which pipelines write when Safety fails."""
    top = {path[0] for path in document.keys}
    return document.kind is Kind.OBJECT and top == {"vulnerabilities", "error"}


def _refuse(document: Document) -> Scan:
    said = obj(document.json()).get("error")
    raise document.unreadable(f"is no report but what stands for one that failed: {one_line(said) or 'no reason'}")


def _unaudited(around: str) -> tuple[str, ...]:
    found = _UNPINNED.findall(around)
    said = (f"did not audit {name}: it is not pinned in {relative(path)}" for name, path in found)
    return tuple(dict.fromkeys(said))


def _around(around: str) -> tuple[str, ...]:
    lines = (one_line(line) for line in around.splitlines())
    said = next((line for line in lines if re.search(r"[^\W_]{3}", line)), "")
    return (f"text around the JSON was passed over: {said[:120]}",) if said else ()


READER = Reader("safety", recognises, read)
