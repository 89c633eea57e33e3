from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from tests.security_report_aggregator.readers.reports_at_hand import (
    finding_of,
    made,
    mutated,
    reads_or_refuses,
    refusal_of,
    scan_of,
)

from security_report_aggregator.model import Category, Level, Location
from security_report_aggregator.readers.sonarqube import READER

ISSUE = {
    "key": "AX1",
    "rule": "python:S2077",
    "severity": "CRITICAL",
    "component": "com.acme:shop:src/db.py",
    "project": "com.acme:shop",
    "line": 42,
    "textRange": {"startLine": 42, "endLine": 43, "startOffset": 4, "endOffset": 19},
    "status": "OPEN",
    "message": "Make sure that formatting this SQL query is safe here.",
    "tags": ["sql", "cwe"],
    "type": "VULNERABILITY",
}
HOTSPOT = {
    "key": "H1",
    "component": "shop:src/auth.py",
    "project": "shop",
    "securityCategory": "auth",
    "vulnerabilityProbability": "MEDIUM",
    "status": "TO_REVIEW",
    "line": 10,
    "message": "Hard-coded credential",
    "ruleKey": "python:S2068",
}


SONAR_REPORT = {
    "date": "Thursday, Jan 18, 2024",
    "projectName": "shop",
    "inNewCodePeriod": False,
    "allBugs": False,
    "noSecurityHotspot": False,
    "sonarBaseURL": "https://sonar.example",
    "rules": {
        "python:S4502": {"name": "CSRF protections", "htmlDesc": "<p>Words</p>" * 40_000, "severity": "CRITICAL"}
    },
    "issues": [
        {
            "rule": "python:S4502",
            "severity": "CRITICAL",
            "component": "src/app.py",
            "line": 8,
            "message": "Is it safe?",
        },
        {
            "rule": "python:S4792",
            "severity": "MINOR",
            "component": "src/app.py",
            "description": "Loggers",
            "message": "",
        },
    ],
    "hotspotKeys": ["a"],
}


def test_what_sonar_report_writes_is_read_however_long_its_rules_are() -> None:
    scan = scan_of(READER, SONAR_REPORT)
    assert (scan.tool, scan.format, scan.complete, scan.notes) == ("sonarqube", "sonar-report", True, ())
    assert [finding.rated.level for finding in scan.findings] == [Level.HIGH, Level.LOW]
    assert [finding.rule.name for finding in scan.findings] == ["CSRF protections", "Loggers"]
    assert scan.findings[0].location == Location("src/app.py", 8)


def test_what_sonar_report_left_out_is_noted() -> None:
    scan = scan_of(READER, SONAR_REPORT | {"inNewCodePeriod": True, "noSecurityHotspot": True, "issues": []})
    assert scan.notes == ("only issues of the new code period are listed", "security hotspots are left out")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issues": {}}, "`issues` is no list"),
        ({"issues": None}, "`issues` is no list"),
        ({"issues": [{"rule": "a"}]}, "`issues[0]` names no rule or no component"),
        ({"rules": []}, "`rules` is no object"),
    ],
)
def test_a_sonar_report_of_another_shape_is_refused(changes: dict[str, object], reason: str) -> None:
    assert reason in refusal_of(READER, SONAR_REPORT | changes)


@settings(max_examples=25)
@given(mutated([SONAR_REPORT | {"rules": {"a": {"name": "b"}}}]))
def test_a_sonar_report_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)


def issues(*records: object, total: int | None = None, **others: object) -> dict[str, Any]:
    counted = len(records) if total is None else total
    return {
        "total": counted,
        "paging": {"pageIndex": 1, "pageSize": 100, "total": counted},
        "effortTotal": 5,
        "issues": list(records),
        "components": [],
        **others,
    }


def hotspots(*records: object, total: int | None = None) -> dict[str, Any]:
    counted = len(records) if total is None else total
    return {"paging": {"pageIndex": 1, "pageSize": 100, "total": counted}, "hotspots": list(records)}


def test_a_vulnerability_is_told_in_full() -> None:
    finding = finding_of(READER, issues(ISSUE))
    assert (finding.category, finding.tool, finding.rule.id) == (Category.CODE, "sonarqube", "python:S2077")
    assert (finding.rated.level, finding.rated.said, finding.rated.source) == (Level.HIGH, "CRITICAL", "severity")
    assert finding.location == Location("src/db.py", 42, 5, 43, 20)
    assert (finding.rule.tags, finding.suppressed) == (("sql", "cwe"), "")
    assert finding.message.startswith("Make sure")


def test_a_hotspot_is_rated_by_its_probability() -> None:
    finding = finding_of(READER, hotspots(HOTSPOT))
    assert (finding.rule.id, finding.rated.level) == ("python:S2068", Level.MEDIUM)
    assert (finding.location, finding.rule.tags) == (Location("src/auth.py", 10), ("auth",))


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("BLOCKER", Level.CRITICAL),
        ("CRITICAL", Level.HIGH),
        ("MAJOR", Level.MEDIUM),
        ("MINOR", Level.LOW),
        ("INFO", Level.LOW),
        (None, Level.UNKNOWN),
    ],
)
def test_severities_mean_what_sonarqube_means(word: str | None, level: Level) -> None:
    assert finding_of(READER, issues(ISSUE | {"severity": word})).rated.level is level


def test_bugs_and_smells_are_counted_and_no_findings() -> None:
    others = [ISSUE | {"type": "BUG"}, ISSUE | {"type": "CODE_SMELL"}, ISSUE | {"type": "CODE_SMELL"}]
    scan = scan_of(READER, issues(ISSUE, *others))
    assert (scan.records, scan.complete) == (1, True)
    assert scan.notes == ("not counted, since they are no security findings: 1 bug, 2 code smell",)


def test_an_impact_on_security_makes_a_finding_of_anything() -> None:
    impacts = [
        {"softwareQuality": "MAINTAINABILITY", "severity": "LOW"},
        {"softwareQuality": "SECURITY", "severity": "HIGH"},
    ]
    rated = finding_of(READER, issues(ISSUE | {"type": "CODE_SMELL", "severity": "MINOR", "impacts": impacts})).rated
    assert (rated.level, rated.source) == (Level.HIGH, "impact on security")
    assert finding_of(READER, issues(ISSUE | {"impacts": impacts})).rated.source == "severity"


@pytest.mark.parametrize(
    ("record", "suppressed"),
    [
        (ISSUE | {"resolution": "FALSE-POSITIVE"}, "SonarQube: FALSE-POSITIVE"),
        (ISSUE | {"resolution": "WONTFIX"}, "SonarQube: WONTFIX"),
        (ISSUE | {"issueStatus": "ACCEPTED"}, "SonarQube: ACCEPTED"),
        (ISSUE | {"issueStatus": "CONFIRMED"}, ""),
        (ISSUE | {"resolution": "UNRESOLVED"}, ""),
    ],
)
def test_what_was_decided_is_suppressed(record: object, suppressed: str) -> None:
    assert finding_of(READER, issues(record)).suppressed == suppressed


@pytest.mark.parametrize("resolution", ["SAFE", "ACKNOWLEDGED", "FIXED"])
def test_a_reviewed_hotspot_is_suppressed(resolution: str) -> None:
    scan = scan_of(READER, hotspots(HOTSPOT | {"status": "REVIEWED", "resolution": resolution}))
    assert (scan.records, scan.suppressed) == (1, 1)


@pytest.mark.parametrize(
    ("rule", "category"),
    [("terraform:S6258", Category.IAC), ("secrets:S6290", Category.SECRET), ("java:S2077", Category.CODE)],
)
def test_the_rule_s_repository_tells_the_category(rule: str, category: Category) -> None:
    assert finding_of(READER, issues(ISSUE | {"rule": rule})).category is category


@pytest.mark.parametrize(
    ("component", "components", "location"),
    [
        ("shop:src/a.py", [], Location("src/a.py", 42, 5, 43, 20)),
        ("x1", [{"key": "x1", "path": "lib/b.py"}], Location("lib/b.py", 42, 5, 43, 20)),
        ("shop", [{"key": "shop", "qualifier": "TRK"}], Location("shop", 42, 5, 43, 20, is_file=False)),
    ],
)
def test_the_list_of_components_knows_the_paths(component: str, components: object, location: Location) -> None:
    record = ISSUE | {"component": component}
    assert finding_of(READER, issues(record) | {"components": components}).location == location


@pytest.mark.parametrize(
    ("content", "gaps"),
    [
        (issues(ISSUE, total=1), ()),
        (issues(ISSUE, total=730), ("1 of 730 issues are in the file: the other pages are missing",)),
        (hotspots(total=2), ("0 of 2 hotspots are in the file: the other pages are missing",)),
        ({"total": 9, "issues": [ISSUE]}, ("1 of 9 issues are in the file: the other pages are missing",)),
        ([issues(ISSUE, total=2), issues(ISSUE, total=2), hotspots()], ()),
        ([issues(ISSUE, total=3), hotspots(HOTSPOT)], ("1 of 3 issues are in the file: the other pages are missing",)),
    ],
)
def test_pages_that_are_missing_are_a_gap(content: object, gaps: tuple[str, ...]) -> None:
    assert scan_of(READER, content).gaps == gaps


def test_bugs_count_towards_the_total_of_a_page() -> None:
    assert scan_of(READER, issues(ISSUE, ISSUE | {"type": "BUG"}, total=2)).complete


@pytest.mark.parametrize("content", [issues(), hotspots(), [hotspots(), issues()]])
def test_an_empty_page_is_clean(content: object) -> None:
    scan = scan_of(READER, content)
    assert (scan.tool, scan.records, scan.complete) == ("sonarqube", 0, True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"errors": [{"msg": "Insufficient privileges"}]}, "is an error of SonarQube instead of a page: Insufficient"),
        ([{"errors": [{"msg": "Unknown project"}]}], "Unknown project"),
        (issues() | {"issues": {"a": 1}}, "`issues` is no list"),
        (issues("a"), "`issues[0]` is no object"),
        (issues(ISSUE | {"rule": None}), "`issues[0]` names no rule or no component"),
        (issues(ISSUE | {"component": {}}), "`issues[0]` names no rule or no component"),
        (issues(ISSUE | {"impacts": "none"}), "`issues[0].impacts` is no list"),
        (hotspots({"vulnerabilityProbability": "LOW"}), "`hotspots[0]` names no rule or no component"),
        ([issues(ISSUE), hotspots(3)], "`[1].hotspots[0]` is no object"),
    ],
)
def test_what_is_no_page_is_refused_by_name(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize(
    "other",
    [
        {"issues": []},
        {"issues": [{"engineId": "a", "ruleId": "b"}]},
        {"errors": [{"msg": "a"}], "results": []},
        {"errors": [{"message": "a"}]},
        {"paging": {"total": 3}},
        "text",
    ],
)
def test_other_reports_are_left_to_others(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([issues(ISSUE, ISSUE | {"type": "BUG"}), hotspots(HOTSPOT), [issues(ISSUE), hotspots(HOTSPOT)]]))
@settings(max_examples=50)
def test_damage_to_a_sonarqube_page_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
