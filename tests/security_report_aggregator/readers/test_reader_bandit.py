"""Bandit's JSON: severity and confidence apart, files that did not parse as gaps, passwords never shown."""

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

from actionkit.errors import Unreadable
from security_report_aggregator.model import Category, Level, Scan
from security_report_aggregator.readers import bandit
from security_report_aggregator.readers.bandit import READER

MD5: dict[str, Any] = {
    "code": "4 import hashlib\n5 hashlib.md5(\n6     data)\n7 x = 1\n",
    "col_offset": 3,
    "end_col_offset": 9,
    "filename": ".\\src\\a.py",
    "issue_confidence": "MEDIUM",
    "issue_cwe": {"id": 327, "link": "https://cwe.mitre.org/data/definitions/327.html"},
    "issue_severity": "HIGH",
    "issue_text": "Use of weak MD5 hash for security.",
    "line_number": 5,
    "line_range": [5, 6],
    "more_info": "https://bandit.readthedocs.io/en/1.9.4/plugins/b324_hashlib.html",
    "test_id": "B324",
    "test_name": "hashlib",
}
PASSWORD: dict[str, Any] = {
    **MD5,
    "code": "1 key = 'it''s secret'\n",
    "issue_cwe": {"id": 259},
    "issue_severity": "LOW",
    "issue_text": "Possible hardcoded password: 'it's secret'",
    "line_number": 1,
    "line_range": [1],
    "test_id": "B105",
}


def a_report(*results: object, **more: object) -> dict[str, Any]:
    totals = {"loc": 10, "nosec": 0, "skipped_tests": 0}
    return {
        "errors": [],
        "generated_at": "2026-11-21T05:35:11Z",
        "metrics": {"_totals": totals},
        "results": list(results),
        **more,
    }


def test_a_result_is_a_finding_of_code() -> None:
    scan = scanned(READER, a_report(MD5))
    (finding,) = scan.findings
    assert (scan.tool, scan.version, scan.format) == ("bandit", "1.9.4", "bandit")
    assert scan.started == datetime(2026, 11, 21, 5, 35, 11, tzinfo=UTC)
    assert finding.category is Category.CODE
    assert (finding.rule.id, finding.rule.name, finding.rule.cwes) == ("B324", "hashlib", (327,))
    assert (finding.rated.level, finding.rated.said, finding.confidence) == (Level.HIGH, "HIGH", "MEDIUM")
    assert finding.message == "Use of weak MD5 hash for security."
    assert finding.location is not None
    assert (finding.location.path, finding.location.line, finding.location.end_line) == ("src/a.py", 5, 6)
    assert finding.location.column == 4
    assert finding.location.snippet == "hashlib.md5(\n    data)"


def test_severity_that_is_undefined_is_unknown_whatever_the_confidence() -> None:
    scan = scanned(READER, a_report({**MD5, "issue_severity": "UNDEFINED", "issue_confidence": "HIGH"}))
    assert levels(scan) == {"unknown": 1}


def test_a_password_is_known_by_its_digest_and_never_shown() -> None:
    (finding,) = scanned(READER, a_report(PASSWORD)).findings
    assert finding.message == "Possible hardcoded password"
    assert finding.secret == a_document(b"{}").digest("it's secret")
    assert "secret" not in repr(finding).replace("secret=", "")


def test_a_file_that_was_not_checked_is_a_gap_with_its_reason() -> None:
    errors = [{"filename": "./bad.py", "reason": "syntax error while\nparsing AST from file"}, {"filename": "b.py"}]
    scan = scanned(READER, a_report(errors=errors))
    assert scan.gaps == (
        "did not scan bad.py: syntax error while parsing AST from file",
        "did not scan b.py: no reason is given",
    )
    assert not scan.complete


def test_many_such_files_are_counted_and_the_first_are_named() -> None:
    errors = [{"filename": f"{number}.py", "reason": "no"} for number in range(50)]
    scan = scanned(READER, a_report(errors=errors))
    assert (len(scan.gaps), scan.gaps[-1]) == (21, "and 30 more")


def test_what_the_source_silences_is_noted() -> None:
    scan = scanned(READER, a_report(metrics={"_totals": {"loc": 0, "nosec": 2, "skipped_tests": 1}}))
    assert scan.notes == (
        "no line of code was scanned",
        "2 lines are silenced with `# nosec`",
        "1 findings are silenced with `# nosec`",
    )
    assert scan.complete


def test_a_result_without_metrics_around_it_is_recognised_too() -> None:
    assert scanned(READER, {"results": [MD5]}).records == 1


def test_a_result_without_a_file_has_no_location() -> None:
    (finding,) = scanned(READER, a_report({**MD5, "filename": "", "line_number": 0})).findings
    assert finding.location is None


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (a_report(results=None), "`results` is no list"),
        (a_report(results={}), "`results` is no list"),
        (a_report(results={"a": 1}), "`results` is no list"),
        (a_report(results="x"), "`results` is no list"),
        (a_report(1), "`results[0]` is no object"),
        (a_report(errors=None), "`errors` is null, which is no list"),
        (a_report(errors={}), "`errors` is no list"),
        (a_report(errors=[1]), "`errors[0]` is no object"),
        ({key: value for key, value in a_report().items() if key != "results"}, "has no `results`: no whole report"),
    ],
)
def test_a_report_of_another_shape_is_refused_naming_the_field(report: object, reason: str) -> None:
    assert refused(READER, report).reason == reason


@settings(max_examples=50)
@given(data=mutants(a_report(MD5, PASSWORD, errors=[{"filename": "a", "reason": "b"}])))
def test_whatever_a_report_holds_it_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses(READER, data)


@pytest.mark.parametrize("entry", corpus("bandit"))
def test_the_corpus_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    holds_to_the_corpus(READER, entry, {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"})


@pytest.mark.parametrize("entry", produced("bandit"))
def test_what_bandit_really_wrote_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    scan = read_produced(entry)
    assert isinstance(scan, Scan)
    assert (scan.records, scan.version) == (entry["records"], bandit_version(entry, scan))
    assert levels(scan) == {word.lower(): count for word, count in entry["by_severity"].items()}
    assert scan.complete == (entry["kind"] != "partial")


def bandit_version(entry: dict[str, Any], scan: Scan) -> str:
    """Only the addresses of the rules tell it."""
    return str(entry["version"]) if scan.findings else ""


def test_text_in_another_encoding_is_refused_with_its_line() -> None:
    data = b'{"errors": [], "generated_at": "", "metrics": {},\n"results": "\xe9"}'
    with pytest.raises(Unreadable, match="is not UTF-8 text"):
        bandit.read(a_document(data))
