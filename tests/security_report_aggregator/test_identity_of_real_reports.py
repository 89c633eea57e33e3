"""What real scanners wrote about one sample project is one list without duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from security_report_aggregator import readers
from security_report_aggregator.consensus import location_of
from security_report_aggregator.document import Document
from security_report_aggregator.identity import weaknesses
from security_report_aggregator.model import Category, Scan, Weakness

SAMPLES = Path(__file__).parents[1] / "fixtures" / "security"
REPORTS = (
    "bandit/bandit.json",
    "bandit/bandit.sarif",
    "ruff/ruff.sarif",
    "semgrep/semgrep.json",
    "semgrep/semgrep.sarif",
    "eslint/eslint.sarif",
    "njsscan/njsscan.sarif",
    "gosec/gosec.sarif",
    "hadolint/hadolint.json",
    "hadolint/hadolint.sarif",
    "checkov/checkov.json",
    "gitleaks/gitleaks.json",
    "gitleaks/redacted.json",
    "detect-secrets/baseline.json",
    "trufflehog3/trufflehog3.json",
    "pip-audit/pip-audit.json",
    "safety2/safety.json",
)


@cache
def scans() -> tuple[Scan, ...]:
    return tuple(
        scan
        for name in REPORTS
        for scan in readers.read(Document(name, (SAMPLES / "reports" / name).read_bytes(), key=b"key of this run"))
    )


@cache
def source(path: str) -> tuple[str, ...]:
    file = SAMPLES / "project" / path
    return tuple(file.read_text("utf-8").splitlines()) if file.is_file() else ()


def line_of_source(path: str, line: int) -> str | None:
    return source(path)[line - 1] if line <= len(source(path)) else None


def listed(given: Sequence[Scan]) -> tuple[Weakness, ...]:
    return weaknesses(given, line_of_source)


def at(path: str, line: int, rule: str) -> Weakness:
    (row,) = [
        row
        for row in listed(scans())
        if any(
            finding.rule.id == rule
            and finding.location
            and (finding.location.path, finding.location.line) == (path, line)
            for finding in row.findings
        )
    ]
    return row


@pytest.mark.parametrize(
    ("path", "line", "rule", "tools"),
    [
        ("app.py", 21, "B602", ("bandit", "ruff", "semgrep")),
        ("app.py", 26, "S307", ("bandit", "ruff", "semgrep")),
        ("app.py", 33, "B608", ("bandit", "ruff", "semgrep")),
        ("app.py", 69, "B201", ("bandit", "ruff", "semgrep")),
        ("app.py", 69, "B104", ("bandit", "ruff")),
        ("Dockerfile", 1, "DL3007", ("checkov", "hadolint")),
        ("Dockerfile", 4, "DL3020", ("checkov", "hadolint")),
        ("config/settings.ini", 3, "aws-access-token", ("detect-secrets", "gitleaks", "trufflehog")),
        ("config/id_sample.pem", 1, "private-key", ("detect-secrets", "gitleaks", "trufflehog")),
    ],
)
def test_what_several_scanners_found_is_one_row(path: str, line: int, rule: str, tools: tuple[str, ...]) -> None:
    assert at(path, line, rule).tools == tools


def test_a_line_of_javascript_has_one_row_for_each_kind_of_weakness() -> None:
    here = [
        row for row in listed(scans()) if (found := location_of(row)) and (found.path, found.line) == ("server.js", 13)
    ]
    assert sorted(len(row.tools) for row in here) == [1, 3]


def test_every_advisory_that_both_scanners_know_is_one_row() -> None:
    rows = [row for row in listed(scans()) if row.category is Category.DEPENDENCY]
    assert {row.tools for row in rows} == {("pip-audit", "safety")}


def test_a_report_in_two_formats_adds_no_row() -> None:
    of_bandit = [scan for scan in scans() if scan.path.startswith("bandit/")]
    assert len(of_bandit) == 2
    assert {row.id for row in listed(of_bandit)} == {row.id for row in listed(of_bandit[:1])}


def test_the_reports_in_reverse_give_the_same_list() -> None:
    assert listed(scans()[::-1]) == listed(scans())
