"""`npm audit --json` of npm 6 and later ones, nested ones, pnpm's, and the errors npm writes instead."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.readers.advisory_reports import (
    a_document,
    corpus,
    holds_to_the_corpus,
    levels,
    mutants,
    produced,
    read_produced,
    reads_or_refuses,
    refused,
    scanned,
)

from actionkit.errors import Unreadable
from security_report_aggregator.model import Level, Package, Scan
from security_report_aggregator.readers.npm_audit import READER

DEBUG: dict[str, Any] = {
    "findings": [{"version": "2.2.0", "paths": ["express>debug", "debug"]}],
    "id": 534,
    "created": "2017-09-25T18:55:55.956Z",
    "title": "Regular Expression Denial of Service",
    "module_name": "debug",
    "cves": ["CVE-2017-16137"],
    "vulnerable_versions": "<= 2.6.8 || >= 3.0.0 <= 3.0.1",
    "patched_versions": ">= 2.6.9 < 3.0.0 || >= 3.1.0",
    "overview": "Long words.",
    "severity": "low",
    "cwe": "CWE-400",
    "url": "https://github.com/advisories/GHSA-gxpj-cx7g-858c",
}
VIA: dict[str, Any] = {
    "source": 1094219,
    "name": "debug",
    "dependency": "debug",
    "title": "ReDoS in debug",
    "url": "https://github.com/advisories/GHSA-gxpj-cx7g-858c",
    "severity": "moderate",
    "cwe": ["CWE-400"],
    "cvss": {"score": 5.3, "vectorString": "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"},
    "range": ">=4.0.0 <4.3.1",
}
OTHER = {
    **VIA,
    "source": 2,
    "title": "Another",
    "url": "",
    "severity": "critical",
    "range": "<=5",
    "cvss": {"score": 0},
}


def of_6(*advisories: dict[str, Any], **more: object) -> dict[str, Any]:
    paths = sum(len(one["paths"]) for advisory in advisories for one in advisory["findings"])
    return {
        "actions": [{"action": "review", "resolves": [{"id": 534}]}],
        "advisories": {str(advisory["id"]): advisory for advisory in advisories},
        "muted": [],
        "metadata": {"vulnerabilities": {"info": 0, "low": paths}},
        **more,
    }


def of_7(total: int | None = None, **packages: object) -> dict[str, Any]:
    entries = {
        name: {"name": name, "severity": "high", "via": via, "fixAvailable": {"name": name, "version": "6.0.0"}}
        for name, via in packages.items()
    }
    counts = {"low": 0, "total": len(entries) if total is None else total}
    return {"auditReportVersion": 2, "vulnerabilities": entries, "metadata": {"vulnerabilities": counts}}


def test_an_advisory_of_npm_6_is_a_finding() -> None:
    scan = scanned(READER, of_6(DEBUG))
    (finding,) = scan.findings
    assert (scan.tool, scan.notes, scan.gaps) == ("npm-audit", (), ())
    assert finding.package == Package("npm", "debug", "2.2.0")
    assert finding.aliases == ("CVE-2017-16137", "GHSA-gxpj-cx7g-858c")
    assert (finding.rule.id, finding.rule.cwes) == ("GHSA-gxpj-cx7g-858c", (400,))
    assert finding.fixed_in == ("2.6.9", "3.1.0")
    assert finding.rated.level is Level.LOW
    assert finding.published is not None
    assert finding.published.isoformat() == "2017-09-25T18:55:55.956000+00:00"


@pytest.mark.parametrize(
    ("cwe", "numbers"),
    [("CWE-400", (400,)), (["CWE-79", "CWE-20"], (20, 79)), (79, (79,)), ('["CWE-9"]', (9,)), (None, ()), ("CWE-", ())],
)
def test_a_cwe_is_a_text_a_list_a_number_or_nothing(cwe: object, numbers: tuple[int, ...]) -> None:
    (finding,) = scanned(READER, of_6({**DEBUG, "cwe": cwe})).findings
    assert finding.rule.cwes == numbers


def test_several_versions_of_a_package_are_one_record_without_a_version() -> None:
    findings = [{"version": "1", "paths": ["a"]}, {"version": "2", "paths": ["b>a"]}]
    (finding,) = scanned(READER, of_6({**DEBUG, "findings": findings, "patched_versions": "<0.0.0"})).findings
    assert (finding.package, finding.fixed_in) == (Package("npm", "debug"), ())


def test_every_advisory_object_in_via_is_a_finding_once() -> None:
    scan = scanned(READER, of_7(debug=[VIA, OTHER], app=["debug", VIA]))
    first, second = scan.findings
    assert (scan.gaps, scan.notes) == ((), ())
    assert (first.rule.id, first.aliases) == ("GHSA-gxpj-cx7g-858c", ("GHSA-gxpj-cx7g-858c",))
    assert (first.package, first.fixed_in) == (Package("npm", "debug"), ("4.3.1",))
    assert (first.rated.level, first.rated.score) == (Level.MEDIUM, 5.3)
    assert (second.rule.id, second.fixed_in, second.rated.score) == ("2", ("6.0.0",), None)


def test_a_package_that_is_vulnerable_through_one_not_listed_is_a_gap() -> None:
    scan = scanned(READER, of_7(app=["debug"]))
    assert scan.gaps == ("says that app is vulnerable through debug, and nothing about debug",)
    assert not scan.complete


def test_a_count_that_disagrees_is_noted() -> None:
    assert scanned(READER, of_7(total=0, debug=[VIA])).notes == (
        "its metadata counts 0 vulnerabilities, and it lists 1",
    )
    assert scanned(READER, of_6(DEBUG, metadata={"vulnerabilities": {"low": 7}})).notes == (
        "its metadata counts 7 vulnerabilities, and it lists 2",
    )


@pytest.mark.parametrize(
    ("report", "listed"),
    [(of_7(total=5, debug=[VIA]), 1), (of_7(total=5), 0), (of_6(metadata={"vulnerabilities": {"high": 5}}), 0)],
)
def test_vulnerabilities_that_are_counted_and_not_listed_are_a_gap(report: object, listed: int) -> None:
    assert scanned(READER, report).gaps == (f"its metadata counts 5 vulnerabilities, and it lists {listed}",)


def test_a_version_of_the_report_that_is_not_known_is_a_gap() -> None:
    (gap,) = scanned(READER, of_7(debug=[VIA]) | {"auditReportVersion": 3}).gaps
    assert gap == "is of auditReportVersion 3, which is not known here: findings may be missing"


def test_pnpm_counts_what_it_is_told_to_leave_out() -> None:
    report = of_6(metadata={"vulnerabilities": {"high": 5}})
    assert scanned(READER, report, label="pnpm").complete


@pytest.mark.parametrize("report", [of_6(DEBUG), of_7(debug=[VIA])])
def test_an_audit_inside_of_what_a_fix_or_an_install_says_is_read(report: object) -> None:
    assert scanned(READER, {"added": 1, "audit": report, "funding": 2}).records == 1


@pytest.mark.parametrize("path", [".>express>debug", ". > debug", "packages/shop>debug"])
def test_paths_that_begin_with_a_project_are_of_pnpm(path: str) -> None:
    scan = scanned(READER, of_6({**DEBUG, "findings": [{"version": "1", "paths": [path]}]}))
    assert scan.tool == "pnpm-audit"
    assert {finding.tool for finding in scan.findings} == {"pnpm-audit"}


def test_a_scoped_package_is_no_project_of_a_workspace() -> None:
    assert scanned(READER, of_6({**DEBUG, "findings": [{"version": "1", "paths": ["@a/b>debug"]}]})).tool == "npm-audit"


def test_the_user_may_say_that_it_is_pnpm() -> None:
    assert scanned(READER, of_6(), label="pnpm").tool == "pnpm-audit"


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ({"error": {"code": "ENOLOCK", "summary": "needs a lock", "detail": ""}}, "ENOLOCK: needs a lock"),
        ({"error": {"code": "ERR_PNPM_AUDIT", "message": "no lock"}}, "ERR_PNPM_AUDIT: no lock"),
        ({"message": "request to http://u:p@h/ failed", "error": {"summary": ""}}, "request to http://***@h/ failed"),
        ({"message": "405", "method": "POST", "uri": "u", "headers": {}, "statusCode": 405, "body": ""}, "405"),
        (of_7(debug=[VIA]) | {"error": {"code": "E500"}}, "E500"),
        (of_7() | {"error": "gone"}, "gone"),
        (of_7() | {"error": {}}, "no reason"),
    ],
)
def test_an_error_of_npm_is_no_clean_audit_and_is_told_in_its_words(report: object, words: str) -> None:
    assert refused(READER, report).reason == f"is no audit but an error of the scanner: {words}"


@pytest.mark.parametrize(
    "report",
    [
        {"message": "Not Found", "documentation_url": "https://docs.github.com"},
        {"advisories": []},
        {"advisories": {}},
        {"vulnerabilities": {}},
        {"error": "x"},
        {"type": "error", "message": "x"},
        [],
    ],
)
def test_other_documents_are_not_recognised(report: object) -> None:
    assert not READER.recognises(a_document(report))


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (of_7() | {"vulnerabilities": []}, "`vulnerabilities` is no object"),
        (of_7() | {"vulnerabilities": None}, "`vulnerabilities` is no object"),
        (of_7() | {"vulnerabilities": 1}, "`vulnerabilities` is no object"),
        (of_7(debug=None), "`vulnerabilities.debug.via` is no list"),
        (of_7(debug=[1]), "`vulnerabilities.debug.via[0]` is neither a name nor an advisory"),
        (of_7(debug=[{**VIA, "name": 1}]), "`vulnerabilities.debug.via[0].name` is no text"),
        (of_6({**DEBUG, "module_name": None}), "`advisories.534.module_name` is no text"),
        (of_6(advisories={"1": {**DEBUG, "findings": None}}), "`advisories.1.findings` is null, which is no list"),
        (of_6(advisories=None), "`advisories` is no object"),
    ],
)
def test_a_report_of_another_shape_is_refused_naming_the_field(report: object, reason: str) -> None:
    assert refused(READER, report).reason == reason


@settings(max_examples=60)
@given(data=mutants(of_6(DEBUG), of_7(debug=[VIA, OTHER], app=["debug"]), {"audit": of_7(debug=[VIA])}))
def test_whatever_a_report_holds_it_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses(READER, data)


@settings(max_examples=40)
@given(graph=st.dictionaries(st.sampled_from("abcde"), st.lists(st.integers(1, 4), max_size=4), min_size=1))
def test_there_are_as_many_findings_as_pairs_of_advisory_and_package(graph: dict[str, list[int]]) -> None:
    packages: dict[str, Any] = {
        name: [{**VIA, "source": source, "name": name} for source in sources] for name, sources in graph.items()
    }
    scan = scanned(READER, of_7(**packages))
    assert len(scan.findings) == sum(len(set(sources)) for sources in graph.values())
    assert scan.records == len(packages), "npm 7 counts vulnerable packages"


@pytest.mark.parametrize("entry", corpus("npm-audit"))
def test_the_corpus_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    holds_to_the_corpus(READER, entry, {"critical": "critical", "high": "high", "moderate": "medium", "low": "low"})


@pytest.mark.parametrize("entry", produced("npm-audit"))
def test_what_npm_really_wrote_is_read_advisory_by_advisory(entry: dict[str, Any]) -> None:
    """npm counts packages, those included that are vulnerable through another one only."""
    scan = read_produced(entry)
    if entry["kind"] == "crashed":
        assert isinstance(scan, Unreadable)
        assert "error of the scanner" in scan.reason
        return
    assert isinstance(scan, Scan)
    assert scan.complete
    assert scan.records == entry["records"]
    assert scan.notes == ()
    assert levels(scan).get("critical", 0) == entry["by_severity"].get("critical", 0)
