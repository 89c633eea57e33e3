"""Whatever order reports and findings come in, the rows and their ids are the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.finding_made import advisory, check, code, leak, scan

from security_report_aggregator.identity import weaknesses
from security_report_aggregator.model import Finding, Level, Scan, Weakness

TOOLS = st.sampled_from(["bandit", "semgrep", "codeql"])
IDS = st.lists(
    st.sampled_from(["CVE-2021-1", "CVE-2021-2", "GHSA-aaaa-bbbb-cccc", "PYSEC-2021-1", "DSA-1-1", "X-1"]),
    min_size=0,
    max_size=3,
)


@st.composite
def codes(draw: st.DrawFn) -> Finding:
    start = draw(st.none() | st.integers(1, 12))
    return code(
        draw(TOOLS),
        draw(st.sampled_from(["B608", "x", "y"])),
        draw(st.sampled_from(["a.py", "b.py"])),
        start,
        cwe=draw(st.sampled_from([89, 79])),
        end=start and start + draw(st.integers(0, 6)),
        level=draw(st.sampled_from(Level)),
        fingerprint=draw(st.sampled_from(["", "f"])),
        snippet=draw(st.sampled_from(["", "one", "two"])),
    )


@st.composite
def advisories(draw: st.DrawFn) -> Finding:
    return advisory(
        draw(st.sampled_from(["trivy", "grype"])),
        *draw(IDS),
        name=draw(st.sampled_from(["django", "Django", "flask"])),
        type_=draw(st.sampled_from(["pypi", "pypi", "npm", ""])),
        manifest=draw(st.sampled_from([None, "requirements.txt", "poetry.lock", "pyproject.toml"])),
        level=draw(st.sampled_from(Level)),
    )


@st.composite
def leaks(draw: st.DrawFn) -> Finding:
    start = draw(st.none() | st.integers(1, 6))
    return leak(
        draw(st.sampled_from(["gitleaks", "trufflehog"])),
        draw(st.sampled_from(["aws-key", "generic", "slack"])),
        draw(st.sampled_from([".env", "id_rsa"])),
        start,
        draw(st.sampled_from(["", "one", "two"])),
        end=start and start + draw(st.integers(0, 3)),
    )


@st.composite
def checks(draw: st.DrawFn) -> Finding:
    start = draw(st.none() | st.integers(1, 8))
    return check(
        draw(st.sampled_from(["checkov", "trivy"])),
        draw(st.sampled_from(["CKV_AWS_19", "AVD-AWS-0088"])),
        "s3.tf",
        start,
        draw(st.sampled_from(["", "a", "b"])),
        start and start + draw(st.integers(0, 5)),
    )


FINDINGS = st.lists(codes() | advisories() | leaks() | checks(), max_size=14)


def listed(scans: Sequence[Scan]) -> tuple[Weakness, ...]:
    return weaknesses(scans, lambda path, line: f"line {line % 4}" if path == "a.py" else None)


@settings(max_examples=100, deadline=None)
@given(FINDINGS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_order_and_any_split_into_reports_gives_the_same_rows(
    findings: list[Finding], random: Random, parts: int
) -> None:
    whole = listed([scan(*findings)])
    shuffled = random.sample(findings, len(findings))
    assert listed([scan(*shuffled[part::parts]) for part in range(parts)]) == whole


@settings(max_examples=100, deadline=None)
@given(FINDINGS)
def test_reports_read_twice_change_nothing(findings: list[Finding]) -> None:
    assert listed([scan(*findings), scan(*reversed(findings))]) == listed([scan(*findings)])


@settings(max_examples=100, deadline=None)
@given(FINDINGS)
def test_ids_are_unique_and_no_finding_is_lost(findings: list[Finding]) -> None:
    rows = listed([scan(*findings)])
    assert len({row.id for row in rows}) == len(rows)
    kept = [finding for row in rows for finding in row.findings]
    assert all(finding in kept for finding in findings)
    assert all(finding in findings for finding in kept)
    assert all(row.tools == tuple(sorted({finding.tool for finding in row.findings})) for row in rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(codes(), max_size=14))
def test_one_scanner_never_means_two_lines_by_one_row(findings: list[Finding]) -> None:
    for row in listed([scan(*findings)]):
        lines = {(finding.tool, finding.location.line) for finding in row.findings if finding.location}
        assert len(lines) == len(row.tools)


def test_one_advisory_in_many_packages_and_as_many_records_without_one_costs_seconds() -> None:
    packages = [advisory("trivy", "CVE-2020-1", name=f"p{number}") for number in range(5_000)]
    hidden = [replace(advisory("codeql", "CVE-2020-1", manifest=f"{number}"), package=None) for number in range(5_000)]
    started = time.process_time()
    assert len(listed([scan(*packages, *hidden)])) == 10_000
    assert time.process_time() - started < 25


def test_many_kinds_of_secrets_and_guesses_on_one_line_cost_seconds() -> None:
    kinds = [
        leak("gitleaks", f"kind{chr(97 + number % 26)}{number}", "min.js", 1, f"{number}") for number in range(8_000)
    ]
    guesses = [leak("trufflehog", f"generic-{number}", "min.js", 1, f"g{number}") for number in range(8_000)]
    started = time.process_time()
    assert listed([scan(*kinds, *guesses)])
    assert time.process_time() - started < 25
