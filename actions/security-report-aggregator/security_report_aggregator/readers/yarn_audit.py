"""`yarn audit --json` of Yarn 1 and `yarn npm audit --json` of Yarn 2 and later: one JSON object a line.

Yarn 1 ends with an `auditSummary`. Yarn 4 writes a line a package and advisory, or that there are no suggestions;
2 and 3 write an audit of npm 6 and may say so after it (packages/plugin-npm-cli/sources/commands/npm/audit.ts).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Package, Rule, Scan
from security_report_aggregator.readers import npm_advisories, npm_audit
from security_report_aggregator.readers.fields import Object, obj, text, texts
from security_report_aggregator.readers.ids import ids_in
from security_report_aggregator.readers.records import json_lines
from security_report_aggregator.readers.remarks import capped, one_line
from security_report_aggregator.severity import by_word

TOOL = "yarn-audit"
NOTHING_FOUND = "No audit suggestions"

_LINE = re.compile(
    r"""^\s*\{\s*"type"\s*:\s*"(?:auditAdvisory|auditSummary|auditAction|error|warning|info|step|success|verbose)"
        \s*,\s*"(?:data|name)"\s*:""",
    re.VERBOSE | re.MULTILINE,
)


def recognises(document: Document) -> bool:
    """Whether lines of one of the Yarns stand in the head; a log may have written before them."""
    if document.kind is Kind.OBJECT:
        is_line = document.has("type") and document.has("data") and bool(_LINE.search(document.head))
        return is_line or (document.has("value") and document.has("children", "Severity"))
    return document.kind is Kind.TEXT and '"type":"audit' in document.head and bool(_LINE.search(document.head))


@dataclass(slots=True)
class _Audit:
    findings: list[Finding] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_done: bool = False
    passed_over: int = 0


def read(document: Document) -> tuple[Scan, ...]:
    """One scan; a finding for each line of an advisory. Raises Unreadable."""
    held = _Audit()
    for number, said in json_lines(document):
        if isinstance(said, str):
            held.passed_over += 1
        elif "advisories" in said:
            _of_npm(document, held, number)
        elif "children" in said:
            held.findings.append(_berry(document, said, number))
            held.is_done = True
        else:
            _event(document, held, said, number)
    if not held.is_done and not held.gaps:
        held.gaps.append("ends without a summary: the audit did not finish, or its output was cut off")
    if held.passed_over:
        held.notes.append(f"{held.passed_over} lines that are no JSON were passed over")
    scan = Scan(document.name, TOOL, "", READER.name, tuple(held.findings))
    return (replace(scan, gaps=capped(held.gaps), notes=capped(held.notes)),)


def _event(document: Document, held: _Audit, said: Object, number: int) -> None:
    type_, data = text(said.get("type")), said.get("data")
    if type_ == "auditAdvisory":
        advisory = obj(obj(data).get("advisory"))
        path = text(obj(obj(data).get("resolution")).get("path"))
        held.findings.append(npm_advisories.whole(document, advisory, f"advisory of line {number}", TOOL, path))
    elif type_ == "auditSummary":
        held.is_done = True
        counts = obj(obj(data).get("vulnerabilities")).values()
        total = sum(count for count in counts if isinstance(count, int) and not isinstance(count, bool))
        if total != len(held.findings):
            held.notes.append(f"its summary counts {total} vulnerabilities, and it lists {len(held.findings)}")
    elif type_ == "error":
        held.gaps.append(f"yarn failed: {one_line(data) or 'no reason is given'}")
    elif type_ == "warning":
        held.notes.append(f"yarn warns: {one_line(data)}")
    elif type_ == "info" and isinstance(data, str) and NOTHING_FOUND in data:
        held.is_done = True


def _of_npm(document: Document, held: _Audit, number: int) -> None:
    """The line of Yarn 2 and 3, which is a whole audit as npm 6 writes it."""
    line = document.data.split(b"\n", number)[number - 1]
    scan = npm_audit.audit(replace(document, data=line, label=TOOL))
    held.findings += scan.findings
    held.gaps += scan.gaps
    held.notes += scan.notes
    held.is_done = True


def _berry(document: Document, said: Object, number: int) -> Finding:
    children = obj(said.get("children"))
    name, issue = text(said.get("value")), text(children.get("Issue"))
    if not name or "Severity" not in children:
        raise document.unreadable("names no package or no severity", number)
    url = text(children.get("URL"))
    ids = ids_in(url)
    versions = texts(children.get("Tree Versions"))
    own = text(children.get("ID"))
    return Finding(
        Category.DEPENDENCY,
        TOOL,
        Rule(ids[0] if ids else own or issue, issue, "", url if url.startswith("https://") else ""),
        by_word(children.get("Severity"), "Severity"),
        issue or own,
        package=Package("npm", name, versions[0] if len(versions) == 1 else ""),
        aliases=ids,
        fixed_in=npm_advisories.below(text(children.get("Vulnerable Versions"))),
        url=url,
    )


READER = Reader("yarn-audit", recognises, read)
