"""Audits of the Yarns: lines of JSON, which end with a summary or say that there is nothing to suggest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from tests.security_report_aggregator.readers.advisory_reports import (
    a_document,
    json_lines,
    levels,
    mutants,
    reads_or_refuses,
    refused,
    scanned,
)

from security_report_aggregator.model import Package
from security_report_aggregator.readers.yarn_audit import READER

ADVISORY: dict[str, Any] = {
    "findings": [{"version": "1.2.0", "paths": ["a>debug"]}, {"version": "2.0.0", "paths": ["b>debug", "c>debug"]}],
    "id": 534,
    "title": "ReDoS",
    "module_name": "debug",
    "cves": ["CVE-2017-16137"],
    "patched_versions": ">=2.6.9",
    "severity": "moderate",
    "cwe": ["CWE-400"],
    "url": "https://github.com/advisories/GHSA-gxpj-cx7g-858c",
}
NPM_6 = {
    "actions": [],
    "advisories": {"534": ADVISORY},
    "muted": [],
    "metadata": {"vulnerabilities": {"moderate": 3}},
}
CLEAN_NPM_6 = {"actions": [], "advisories": {}, "muted": [], "metadata": {"vulnerabilities": {"moderate": 0}}}
SUGGESTS_NOTHING = {
    "type": "info",
    "name": 1,
    "displayName": "YN0001",
    "indent": "",
    "data": "No audit suggestions",
}
BERRY: dict[str, Any] = {
    "value": "@shop/debug",
    "children": {
        "ID": 1096536,
        "Issue": "ReDoS",
        "URL": "https://github.com/advisories/GHSA-gxpj-cx7g-858c",
        "Severity": "high",
        "Vulnerable Versions": ">=4.0.0 <4.3.1",
        "Tree Versions": ["4.2.0"],
        "Dependents": ["shop@workspace:."],
    },
}
DEPRECATED = {
    "value": "old",
    "children": {
        "ID": "old (deprecation)",
        "Issue": "Use new.",
        "Severity": "moderate",
        "Vulnerable Versions": "1.0.0",
        "Tree Versions": ["1.0.0", "1.0.1"],
    },
}


def seen_on(path: str) -> dict[str, Any]:
    return {"type": "auditAdvisory", "data": {"resolution": {"id": 534, "path": path}, "advisory": ADVISORY}}


def summary(**counts: int) -> dict[str, Any]:
    return {"type": "auditSummary", "data": {"vulnerabilities": counts, "totalDependencies": 9}}


def said(type_: str, data: str) -> dict[str, str]:
    return {"type": type_, "data": data}


def test_a_line_of_yarn_1_is_a_finding_with_the_version_on_its_path() -> None:
    scan = scanned(READER, json_lines(seen_on("a>debug"), seen_on("c>debug"), summary(moderate=2)))
    first, second = scan.findings
    assert (scan.tool, scan.gaps, scan.notes) == ("yarn-audit", (), ())
    assert (first.package, second.package) == (Package("npm", "debug", "1.2.0"), Package("npm", "debug", "2.0.0"))
    assert first.aliases == ("CVE-2017-16137", "GHSA-gxpj-cx7g-858c")
    assert (first.fixed_in, levels(scan)) == (("2.6.9",), {"medium": 2})


def test_an_audit_without_its_summary_was_cut_off() -> None:
    assert scanned(READER, json_lines(seen_on("a>debug"))).gaps == (
        "ends without a summary: the audit did not finish, or its output was cut off",
    )


def test_an_error_is_a_gap_and_a_warning_a_note() -> None:
    scan = scanned(
        READER,
        json_lines(said("warning", "No license field"), said("error", "connect\nrefused"), said("info", "Visit us")),
    )
    assert scan.gaps == ("yarn failed: connect refused",)
    assert scan.notes == ("yarn warns: No license field",)


def test_a_summary_that_counts_otherwise_is_noted() -> None:
    scan = scanned(READER, json_lines(seen_on("a>debug"), summary(moderate=2, high=1)))
    assert scan.notes == ("its summary counts 3 vulnerabilities, and it lists 1",)
    assert scan.complete


def test_lines_of_a_log_are_passed_over_and_counted() -> None:
    log = b"yarn audit v1.22.22\n"
    data = log + b'{"type":"auditSummary","data":{"vulnerabilities":{"low":0}}}\nDone in 1s.\n'
    assert scanned(READER, data).notes == ("2 lines that are no JSON were passed over",)


def test_a_line_of_yarn_4_is_a_finding() -> None:
    scan = scanned(READER, json_lines(BERRY, DEPRECATED))
    finding, deprecated = scan.findings
    assert scan.gaps == ()
    assert finding.package == Package("npm", "@shop/debug", "4.2.0")
    assert (finding.rule.id, finding.fixed_in) == ("GHSA-gxpj-cx7g-858c", ("4.3.1",))
    assert (deprecated.rule.id, deprecated.aliases) == ("old (deprecation)", ())
    assert deprecated.package == Package("npm", "old")
    assert levels(scan) == {"high": 1, "medium": 1}


@pytest.mark.parametrize("lines", [[SUGGESTS_NOTHING], [CLEAN_NPM_6, SUGGESTS_NOTHING]])
def test_no_suggestions_are_a_clean_scan(lines: list[object]) -> None:
    scan = scanned(READER, json_lines(*lines))
    assert (scan.records, scan.complete) == (0, True)


def test_the_audit_of_yarn_3_is_read_as_npm_6_writes_it() -> None:
    scan = scanned(READER, json_lines(NPM_6, said("warning", "x")))
    assert (scan.records, scan.complete, scan.findings[0].tool) == (1, True, "yarn-audit")


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (json_lines(BERRY) + b'{"value": "cut', 2, "truncated"),
        (json_lines(BERRY, {"value": "a", "children": {}}), 2, "names no package or no severity"),
        (json_lines(seen_on("a"), {"type": "auditAdvisory", "data": {}}), None, "`advisory of line 2.module_name`"),
        (json_lines(seen_on("a"), {"type": "auditAdvisory", "data": None}), None, "`advisory of line 2.module_name`"),
    ],
)
def test_a_line_of_another_shape_is_refused_with_its_number(data: bytes, line: int | None, reason: str) -> None:
    error = refused(READER, data)
    assert error.line == line
    assert reason in error.reason


@pytest.mark.parametrize(
    "report",
    [b'{"type": "finding", "data": 1}\n', {"value": 1, "children": []}, "yarn audit v1\nno", {"type": "x"}, []],
)
def test_other_documents_are_not_recognised(report: object) -> None:
    assert not READER.recognises(a_document(report))


@settings(max_examples=50)
@given(
    data=mutants(
        json_lines(seen_on("a>debug"), summary(low=1)),
        json_lines(BERRY, DEPRECATED),
        json_lines(NPM_6, SUGGESTS_NOTHING),
    )
)
def test_whatever_the_lines_hold_they_are_read_or_refused(data: bytes) -> None:
    reads_or_refuses(READER, data)
