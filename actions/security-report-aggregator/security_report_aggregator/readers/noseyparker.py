"""Nosey Parker's JSON Lines and JSON reports: one finding is one secret with all its matches.

Up to 0.21 a match names its secret in `match_content`; from 0.22 on `groups` hold the captures in base64. A report
lists at most `--max-matches` matches (3 by default), `num_matches` counts all.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Finding, Location, Rule, Scan
from security_report_aggregator.readers.fields import Object, line, obj, objects, text
from security_report_aggregator.readers.leaks import digest, leak
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.records import json_lines, listed

TOOL = "noseyparker"


def recognises(document: Document) -> bool:
    prefix = ("[]",) if document.kind is Kind.ARRAY else ()
    is_finding = document.has(*prefix, "finding_id") or document.has(*prefix, "match_content")
    return is_finding and document.has(*prefix, "rule_name")


def read(document: Document) -> tuple[Scan, ...]:
    findings = tuple(_finding(document, record) for record in _records(document))
    return (Scan(document.name, TOOL, "", "noseyparker", findings),)


def _records(document: Document) -> Iterator[Object]:
    if document.kind is Kind.ARRAY:
        yield from listed(document)
        return
    for number, record in json_lines(document):
        if isinstance(record, str):
            raise document.unreadable("is no JSON object, as every line of this report should be", number)
        yield record


def _finding(document: Document, record: Object) -> Finding:
    name = text(record.get("rule_name"))
    matches = tuple(objects(document, record.get("matches"), "matches"))
    if not name or not matches:
        raise document.unreadable("has a finding without `rule_name` or `matches`")
    count = max(line(record.get("num_matches")) or 0, len(matches))
    rejected = all("reject" in (match.get("status"), record.get("status")) for match in matches)
    return leak(
        TOOL,
        Rule(text(record.get("rule_text_id")) or name, name),
        _location(matches[0]),
        secret=digest(document, _secret(record)),
        commit=next((commit for match in matches for commit in _commits(match)), ""),
        # Matches that the report leaves out may have another status.
        suppressed="rejected in Nosey Parker" if rejected and count == len(matches) else "",
        instances=count,
    )


def _secret(record: Object) -> str:
    """The last capture: of a pair of user and password, or key id and key, the part that must stay secret."""
    groups = record.get("groups")
    if not isinstance(groups, list) or not groups or not isinstance(groups[-1], str):
        return str(record.get("match_content") or "")
    try:
        return base64.b64decode(groups[-1], validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _location(match: Object) -> Location | None:
    path = next(_paths(match), "")
    span = obj(obj(match.get("location")).get("source_span"))
    start, end = obj(span.get("start")), obj(span.get("end"))
    if not path:
        return None
    return Location(
        relative(path),
        line(start.get("line")),
        line(start.get("column")),
        line(end.get("line")),
        line(end.get("column")),
    )


def _provenance(match: Object) -> Iterator[Object]:
    found = match.get("provenance")
    yield from (one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def _first_commit(origin: Object) -> Object:
    return obj(origin.get("first_commit") or origin.get("commit_provenance"))


def _paths(match: Object) -> Iterator[str]:
    """Paths in the working tree first, then those in the history."""
    yield from (path for origin in _provenance(match) if (path := text(origin.get("path"))))
    for origin in _provenance(match):
        if path := text(_first_commit(origin).get("blob_path")):
            yield path


def _commits(match: Object) -> Iterator[str]:
    for origin in _provenance(match):
        if commit := text(obj(_first_commit(origin).get("commit_metadata")).get("commit_id")):
            yield commit


READER = Reader("noseyparker", recognises, read)
