"""gitleaks JSON: version 8 (keys in capitals) and 7 (small keys, `offender`).

Shapes: `Finding` in gitleaks 8 (report/finding.go) and `Leak` in 7 (report/leak.go). An empty report is `[]` or `null`,
which the reader for empty documents takes.
"""

from __future__ import annotations

from security_report_aggregator.document import Document, Reader
from security_report_aggregator.model import Finding, Location, Rule, Scan
from security_report_aggregator.readers.fields import Object, line, text, texts
from security_report_aggregator.readers.leaks import digest, leak
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.records import listed

TOOL = "gitleaks"


def recognises(document: Document) -> bool:
    return _is_8(document) or (document.has("[]", "offender") and document.has("[]", "rule"))


def read(document: Document) -> tuple[Scan, ...]:
    made = _of_8 if _is_8(document) else _of_7
    findings = tuple(made(document, record) for record in listed(document))
    return (Scan(document.name, TOOL, "", "gitleaks", findings),)


def _is_8(document: Document) -> bool:
    has_secret = document.has("[]", "Match") or document.has("[]", "RuleID")
    return has_secret and document.has("[]", "StartLine") and document.has("[]", "Description")


def _of_8(document: Document, record: Object) -> Finding:
    rule = text(record.get("RuleID"))
    path = relative(text(record.get("File")))
    if not rule or not path:
        raise document.unreadable("has a finding without `RuleID` or `File`")
    name = text(record.get("Description"))
    return leak(
        TOOL,
        Rule(rule, name, name, tags=texts(record.get("Tags"))),
        Location(
            path,
            line(record.get("StartLine")),
            line(record.get("StartColumn")),
            line(record.get("EndLine")),
            line(record.get("EndColumn")),
        ),
        secret=digest(document, record.get("Secret")),
        commit=text(record.get("Commit")),
        url=text(record.get("Link")),
    )


def _of_7(document: Document, record: Object) -> Finding:
    rule = text(record.get("rule"))
    path = relative(text(record.get("file")))
    if not rule or not path:
        raise document.unreadable("has a leak without `rule` or `file`")
    tags = tuple(tag for part in text(record.get("tags")).split(",") if (tag := part.strip()))
    return leak(
        TOOL,
        Rule(rule, tags=tags),
        Location(path, line(record.get("lineNumber"))),
        secret=digest(document, record.get("offender")),
        commit=text(record.get("commit")),
        url=text(record.get("leakURL")),
    )


READER = Reader("gitleaks", recognises, read)
