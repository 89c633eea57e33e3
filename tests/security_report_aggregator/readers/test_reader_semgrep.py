"""Semgrep's JSON: code, secrets and dependencies; errors that leave code unscanned; the supply chain API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
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

from security_report_aggregator.model import Category, Level, Location, Package, Scan
from security_report_aggregator.readers.semgrep import READER

EVAL: dict[str, Any] = {
    "check_id": "python.lang.security.audit.eval-detected",
    "path": "src/app.py",
    "start": {"line": 3, "col": 5, "offset": 40},
    "end": {"line": 4, "col": 9, "offset": 70},
    "extra": {
        "message": "eval runs any code.",
        "metadata": {
            "cwe": ["CWE-95: Eval Injection"],
            "owasp": ["A03:2021 - Injection"],
            "confidence": "LOW",
            "source": "https://semgrep.dev/r/python.lang.security.audit.eval-detected",
        },
        "severity": "ERROR",
        "fingerprint": "0123abcd_0",
        "lines": "    eval(x)",
        "is_ignored": False,
    },
}
SCA: dict[str, Any] = {
    "check_id": "ssc-1234",
    "path": "src/app.py",
    "start": {"line": 1, "col": 1},
    "end": {"line": 1, "col": 2},
    "extra": {
        "message": "A bad version.",
        "severity": "ERROR",
        "fingerprint": "requires login",
        "metadata": {
            "sca-vuln-database-identifier": "CVE-2021-1234",
            "sca-severity": "CRITICAL",
            "sca-fix-versions": [{"Shop_Cart": "2.0"}, {"other": "9"}],
            "publish-date": "2021-02-03T00:00:00Z",
        },
        "sca_info": {
            "reachable": False,
            "dependency_match": {
                "found_dependency": {
                    "package": "shop-cart",
                    "version": "1.0",
                    "ecosystem": "pypi",
                    "line_number": 7,
                },
                "lockfile": "./requirements.txt",
            },
        },
    },
}
VULN: dict[str, Any] = {
    "title": "Reachable assertion in grpc",
    "advisory": {
        "ruleId": "ssc-82207871",
        "title": "Reachable assertion in grpc",
        "description": "Long words.",
        "ecosystem": "gem",
        "severity": "HIGH",
        "references": {
            "cveIds": ["CVE-2023-1428"],
            "cweIds": ["CWE-617: Reachable Assertion"],
            "urls": ["https://github.com/advisories/GHSA-6628-q6j9-w8vg"],
        },
        "announcedAt": "2023-07-06T21:15:08Z",
    },
    "exposureType": "REACHABLE",
    "matchedDependency": {"name": "grpcio", "versionSpecifier": "1.47.0"},
    "closestSafeDependency": {"name": "grpcio", "versionSpecifier": "1.53.0"},
    "dependencyFileLocation": {"path": "api/requirements3.txt", "startLine": "222"},
    "triage": {"status": "NEW"},
}
WORDS = {
    "ERROR": "high",
    "WARNING": "medium",
    "INFO": "low",
    "CRITICAL": "critical",
    "HIGH": "high",
    "MEDIUM": "medium",
    "LOW": "low",
}


def a_report(*results: object, **more: object) -> dict[str, Any]:
    return {"version": "1.182.0", "results": list(results), "errors": [], "paths": {"scanned": ["a.py"]}, **more}


def changed(**extra: object) -> dict[str, Any]:
    return {**EVAL, "extra": {**EVAL["extra"], **extra}}


def test_a_result_is_a_finding_of_code() -> None:
    scan = scanned(READER, a_report(EVAL))
    (finding,) = scan.findings
    assert (scan.tool, scan.version) == ("semgrep", "1.182.0")
    assert finding.category is Category.CODE
    assert (finding.rule.id, finding.rule.name) == (EVAL["check_id"], "eval-detected")
    assert (finding.rule.cwes, finding.rule.tags) == ((95,), ("A03:2021 - Injection",))
    assert finding.url == "https://semgrep.dev/r/python.lang.security.audit.eval-detected"
    assert (finding.rated.level, finding.rated.said, finding.confidence) == (Level.HIGH, "ERROR", "LOW")
    assert finding.location == Location("src/app.py", 3, 5, 4, 9, "    eval(x)")
    assert (finding.fingerprint, finding.suppressed) == ("0123abcd_0", "")


@pytest.mark.parametrize(
    ("word", "level"), [*WORDS.items(), ("EXPERIMENT", "low"), ("INVENTORY", "low"), ("?", "unknown")]
)
def test_the_words_of_rules_have_levels(word: str, level: str) -> None:
    assert levels(scanned(READER, a_report(changed(severity=word)))) == {level: 1}


def test_requires_login_is_neither_fingerprint_nor_source() -> None:
    (finding,) = scanned(READER, a_report(changed(fingerprint="requires login", lines="requires login"))).findings
    assert finding.fingerprint == ""
    assert finding.location is not None
    assert finding.location.snippet == ""


def test_a_result_without_a_file_has_no_location() -> None:
    (finding,) = scanned(READER, a_report({**EVAL, "path": ""})).findings
    assert finding.location is None


def test_what_the_source_ignores_is_set_aside() -> None:
    scan = scanned(READER, a_report(changed(is_ignored=True)))
    assert (scan.records, scan.suppressed) == (1, 1)


@pytest.mark.parametrize(
    ("result", "category"),
    [
        (changed(validation_state="CONFIRMED_VALID"), Category.SECRET),
        (changed(metadata={"technology": ["secrets"]}), Category.SECRET),
        ({**EVAL, "check_id": "generic.secrets.security.detected-aws-key"}, Category.SECRET),
        (changed(metadata={"cwe": "CWE-798: Use of Hard-coded Credentials"}), Category.CODE),
    ],
)
def test_a_line_that_quotes_a_secret_is_not_kept(result: object, category: Category) -> None:
    (finding,) = scanned(READER, a_report(result)).findings
    assert finding.category is category
    assert finding.location is not None
    assert finding.location.snippet == ""


def test_a_vulnerable_dependency_lies_in_its_lock_file() -> None:
    (finding,) = scanned(READER, a_report(SCA)).findings
    assert finding.category is Category.DEPENDENCY
    assert finding.package == Package("pypi", "shop-cart", "1.0")
    assert finding.location == Location("requirements.txt", 7)
    assert (finding.aliases, finding.fixed_in) == (("CVE-2021-1234",), ("2.0",))
    assert finding.rated.level is Level.CRITICAL
    assert finding.published == datetime(2021, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "gap"),
    [
        (
            {"level": "error", "type": "Rule parse error", "rule_id": "r1", "message": "bad\n pattern"},
            "did not scan with the rule r1: bad pattern",
        ),
        (
            {"level": "warn", "type": "Syntax error", "path": "./a.js", "message": "unexpected"},
            "did not scan a.js: unexpected",
        ),
        (
            {"level": "warn", "type": ["PartialParsing", [{"path": "a.py"}]], "path": "a.py", "message": "m"},
            "did not scan a.py: m",
        ),
        ({"level": "warn", "type": "Timeout", "path": "a.py"}, "did not scan a.py: Timeout"),
        ({"level": "error", "type": "SemgrepError", "long_msg": "no rules"}, "did not scan everything: no rules"),
    ],
)
def test_what_was_not_scanned_is_a_gap(error: object, gap: str) -> None:
    assert scanned(READER, a_report(errors=[error])).gaps == (gap,)


def test_other_warnings_and_what_was_skipped_are_notes() -> None:
    error = {"level": "warn", "type": "SemgrepWarning", "path": "a.py", "message": "old rule"}
    skipped = [{"path": "b", "reason": "too_big"}, {"path": "c", "reason": "minified"}]
    report = a_report(errors=[error, {"level": "info"}], paths={"scanned": [], "skipped": skipped}, skipped_rules=[{}])
    scan = scanned(READER, report)
    assert scan.complete
    assert scan.notes == (
        "SemgrepWarning in a.py: old rule",
        "warning: ",
        "2 files were skipped: minified, too_big",
        "1 rules were skipped",
    )


@pytest.mark.parametrize("report", [{"results": [], "errors": []}, a_report()])
def test_nothing_found_is_a_clean_scan(report: object) -> None:
    scan = scanned(READER, report)
    assert (scan.records, scan.complete) == (0, True)


@pytest.mark.parametrize(
    "report",
    [
        {"results": []},
        {"results": [{"a": 1}], "errors": [], "paths": {}},
        {"results": {}, "errors": []},
        {"results": [], "errors": [], "other": 1},
        {"vulns": []},
        [],
    ],
)
def test_other_documents_are_not_recognised(report: object) -> None:
    assert not READER.recognises(a_document(report))


def test_a_page_of_the_supply_chain_api_is_read() -> None:
    closed = {**VULN, "triage": {"status": "CLOSED"}, "dependencyFileLocation": {"path": "odd.file"}}
    scan = scanned(READER, {"vulns": [VULN, closed], "hasMore": False})
    finding, other = scan.findings
    assert finding.package == Package("pypi", "grpcio", "1.47.0")
    assert finding.location == Location("api/requirements3.txt", 222)
    assert finding.aliases == ("CVE-2023-1428", "GHSA-6628-q6j9-w8vg")
    assert (finding.rule.id, finding.rule.cwes, finding.fixed_in) == ("ssc-82207871", (617,), ("1.53.0",))
    assert finding.published == datetime(2023, 7, 6, 21, 15, 8, tzinfo=UTC)
    assert (finding.suppressed, other.suppressed) == ("", "triaged as closed")
    assert other.package == Package("gem", "grpcio", "1.47.0")
    assert scan.complete


def test_one_page_of_several_is_not_complete() -> None:
    gaps = scanned(READER, {"vulns": [VULN], "hasMore": True}).gaps
    assert gaps == ("holds one page of the findings: `hasMore` says that there are more",)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (a_report(EVAL, 1), "`results[1]` is no object"),
        (a_report({**EVAL, "check_id": ""}), "`results[0]` has no check_id"),
        (a_report(errors=None) | {"results": [EVAL]}, "`errors` is null, which is no list"),
        ({"vulns": [VULN, {**VULN, "advisory": None}]}, "`vulns[1].advisory` has no ruleId"),
        ({"vulns": [VULN, 2]}, "`vulns[1]` is no object"),
    ],
)
def test_a_report_of_another_shape_is_refused_naming_the_field(report: object, reason: str) -> None:
    assert refused(READER, report).reason == reason


@settings(max_examples=60)
@given(
    data=mutants(
        a_report(EVAL, SCA, errors=[{"level": "warn", "type": ["PartialParsing", []], "path": "a"}]),
        {"vulns": [VULN], "hasMore": True},
    )
)
def test_whatever_a_report_holds_it_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses(READER, data)


@pytest.mark.parametrize("entry", corpus("semgrep"))
def test_the_corpus_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    holds_to_the_corpus(READER, entry, WORDS)


@pytest.mark.parametrize("entry", produced("semgrep"))
def test_what_semgrep_really_wrote_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    scan = read_produced(entry)
    if entry["records"] is None:
        assert scan is None
        return
    assert isinstance(scan, Scan)
    wanted: dict[str, int] = {}
    for word, count in entry["by_severity"].items():
        wanted[WORDS[word]] = wanted.get(WORDS[word], 0) + count
    assert (scan.records, levels(scan), scan.version) == (entry["records"], wanted, entry["version"])
    assert scan.complete == (entry["kind"] not in ("partial", "crashed"))
