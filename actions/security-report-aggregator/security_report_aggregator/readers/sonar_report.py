"""SonarQube's findings as sonar-report (npm) writes them: issues and hotspots in one list, the rules in a table.

Its `allBugs`, `inNewCodePeriod` and `noSecurityHotspot` say what it asked the server for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from actionkit.jsonstream import CLOSED
from security_report_aggregator import severity
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.model import Category, Finding, Level, Location, Rule, Scan
from security_report_aggregator.readers import strict
from security_report_aggregator.readers.fields import Object, line, obj, text
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.streamed import ANY, LIST, pieces, spelled

ISSUE = ("issues", LIST)
RULE = ("rules", ANY)
FORMAT = "sonar-report"

SCOPE = (
    ("allBugs", "bugs and code smells are among the issues: nothing tells them from vulnerabilities"),
    ("inNewCodePeriod", "only issues of the new code period are listed"),
    ("noSecurityHotspot", "security hotspots are left out"),
)
"""Settings of sonar-report, and what they mean where they are true."""


def recognises(document: Document) -> bool:
    """Whether the settings of sonar-report stand in the head; its rules may fill the rest of it."""
    return document.kind is Kind.OBJECT and document.has("sonarBaseURL") and document.has("inNewCodePeriod")


def read(document: Document, *, tool: str, severities: Mapping[str, Level], categories: Mapping[str, Category]) -> Scan:
    """One scan. Raises Unreadable."""
    said: dict[str, object] = {}
    names: dict[str, str] = {}
    findings: list[Finding] = []
    for shape, path, value in pieces(document, ISSUE, RULE):
        if shape == ISSUE:
            findings.append(_finding(document, obj(value), spelled(path), tool, severities, categories))
        elif shape == RULE:
            names[str(path[-1])] = text(obj(value).get("name"))
        elif len(path) == 1 and (value is not CLOSED or path == ISSUE[:1]):
            said[str(path[0])] = value
    strict.require_list(document, said, "issues")
    return Scan(
        document.name,
        tool,
        "",
        FORMAT,
        tuple(_named(findings, names)),
        notes=tuple(what for key, what in SCOPE if said.get(key) is True),
    )


def _finding(
    document: Document,
    issue: Object,
    where: str,
    tool: str,
    severities: Mapping[str, Level],
    categories: Mapping[str, Category],
) -> Finding:
    rule, component = text(issue.get("rule")), text(issue.get("component"))
    if not rule or not component:
        raise document.unreadable(f"`{where}` names no rule or no component")
    return Finding(
        categories.get(rule.partition(":")[0], Category.CODE),
        tool,
        Rule(rule, text(issue.get("description"))),
        severity.by_word(issue.get("severity"), "severity", words=dict(severities)),
        text(issue.get("message")) or rule,
        Location(relative(component), line(issue.get("line"))),
    )


def _named(findings: list[Finding], names: Mapping[str, str]) -> Iterator[Finding]:
    """The findings with one rule for all of an id, named as the table of rules has it."""
    rules: dict[str, Rule] = {}
    for finding in findings:
        own = finding.rule.id
        rule = rules.setdefault(own, Rule(own, names.get(own) or finding.rule.name))
        yield replace(finding, rule=rule)
