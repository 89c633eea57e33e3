"""hadolint JSON (`--format json`): a list of rule breaches in Dockerfiles.

`DL1000` is no rule but says that a Dockerfile does not parse: what follows in it was not checked.
"""

from __future__ import annotations

from security_report_aggregator import severity
from security_report_aggregator.document import Document, Reader
from security_report_aggregator.model import Category, Finding, Location, Rule, Scan
from security_report_aggregator.readers.fields import Object, line, text
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.records import listed

TOOL = "hadolint"
PARSE_ERROR = "DL1000"


def recognises(document: Document) -> bool:
    # ShellCheck's JSON has the same keys and an `endLine`.
    keys = all(document.has("[]", key) for key in ("code", "file", "level", "line", "message"))
    return keys and not document.has("[]", "endLine")


def read(document: Document) -> tuple[Scan, ...]:
    findings = tuple(_finding(document, record) for record in listed(document))
    gaps = tuple(
        f"`{finding.location.path}` does not parse at line {finding.location.line}: the rest of it was not checked"
        for finding in findings
        if finding.rule.id == PARSE_ERROR and finding.location
    )
    return (Scan(document.name, TOOL, "", "hadolint", findings, gaps=gaps),)


def _finding(document: Document, record: Object) -> Finding:
    code = text(record.get("code"))
    path = relative(text(record.get("file")))
    if not code or not path:
        raise document.unreadable("has a finding without `code` or `file`")
    site = "https://www.shellcheck.net/wiki" if code.startswith("SC") else "https://github.com/hadolint/hadolint/wiki"
    return Finding(
        category=Category.IAC,
        tool=TOOL,
        rule=Rule(code, help_uri=f"{site}/{code}"),
        rated=severity.by_word(record.get("level"), "level"),
        message=text(record.get("message")) or code,
        location=Location(path, line(record.get("line")), line(record.get("column"))),
    )


READER = Reader("hadolint", recognises, read)
