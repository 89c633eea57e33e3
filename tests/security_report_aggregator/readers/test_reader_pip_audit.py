"""pip-audit's JSON: what was skipped was not audited, and nothing has a severity."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from tests.security_report_aggregator.readers.advisory_reports import (
    a_document,
    corpus,
    holds_to_the_corpus,
    mutants,
    produced,
    read_produced,
    reads_or_refuses,
    refused,
    scanned,
)

from security_report_aggregator.model import Level, Package, Scan
from security_report_aggregator.readers.pip_audit import READER

VULN = {
    "id": "PYSEC-2021-76",
    "fix_versions": ["3.7.4", "3.8"],
    "aliases": ["CVE-2021-21330", "GHSA-v6wp-4m6f-gcjg"],
    "description": "An open redirect.\nMore of it.",
}
AIOHTTP = {"name": "aiohttp", "version": "3.6.2", "vulns": [VULN]}
CLEAN = {"name": "adal", "version": "1.2.2", "vulns": []}
SKIPPED = {"name": "azure-devops", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize("report", [[CLEAN, AIOHTTP], {"dependencies": [CLEAN, AIOHTTP], "fixes": []}])
def test_old_and_new_reports_say_the_same(report: object) -> None:
    (finding,) = scanned(READER, report).findings
    assert (finding.tool, finding.rule.id, finding.message) == (
        "pip-audit",
        "PYSEC-2021-76",
        "An open redirect. More of it.",
    )
    assert finding.package == Package("pypi", "aiohttp", "3.6.2")
    assert finding.aliases == ("PYSEC-2021-76", "CVE-2021-21330", "GHSA-v6wp-4m6f-gcjg")
    assert finding.fixed_in == ("3.7.4", "3.8")
    assert finding.rated.level is Level.UNKNOWN
    assert finding.url == "https://osv.dev/vulnerability/PYSEC-2021-76"


@pytest.mark.parametrize("report", [[CLEAN, SKIPPED], {"dependencies": [SKIPPED]}])
def test_a_skipped_dependency_is_a_gap_that_names_it(report: object) -> None:
    scan = scanned(READER, report)
    assert scan.gaps == ("did not audit azure-devops: Dependency not found on PyPI",)
    assert (scan.records, scan.complete) == (0, False)


def test_every_skipped_dependency_is_named_since_the_policy_may_accept_it() -> None:
    report = [{"name": f"p{number}", "skip_reason": ""} for number in range(23)]
    gaps = scanned(READER, report).gaps
    assert (gaps[0], len(gaps)) == ("did not audit p0: no reason is given", 23)


def test_a_report_without_any_dependency_is_complete_and_says_so() -> None:
    scan = scanned(READER, {"dependencies": [], "fixes": []})
    assert (scan.gaps, scan.notes) == ((), ("no dependency was audited: there was none",))


@pytest.mark.parametrize(
    "report",
    [[], {}, [{"name": "a"}], {"dependencies": {}}, {"dependencies": [], "components": []}, "[", [{"vulns": []}]],
)
def test_other_documents_are_not_recognised(report: object) -> None:
    assert not READER.recognises(a_document(report))


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ([AIOHTTP, 1], "`[1]` is no object"),
        ([AIOHTTP, {"version": "1", "vulns": []}], "`[1]` has no name"),
        ([AIOHTTP, {"name": "b"}], "`[1]` (b) has no `vulns`: audited or not, nobody can say"),
        ([AIOHTTP, {"name": "b", "vulns": None}], "`[1].vulns` is null, which is no list"),
        ([AIOHTTP, {"name": "b", "vulns": {}}], "`[1].vulns` is no list"),
        ({"dependencies": [{"name": "b", "vulns": [{}]}]}, "a vulnerability of `dependencies[0]` (b) has no id"),
    ],
)
def test_a_report_of_another_shape_is_refused_naming_the_field(report: object, reason: str) -> None:
    assert refused(READER, report).reason == reason


@settings(max_examples=50)
@given(data=mutants([CLEAN, AIOHTTP, SKIPPED], {"dependencies": [CLEAN, AIOHTTP, SKIPPED], "fixes": []}))
def test_whatever_a_report_holds_it_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses(READER, data)


@pytest.mark.parametrize("entry", corpus("pip-audit"))
def test_the_corpus_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    holds_to_the_corpus(READER, entry, {"UNKNOWN": "unknown"})


@pytest.mark.parametrize("entry", produced("pip-audit"))
def test_what_pip_audit_really_wrote_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    scan = read_produced(entry)
    if entry["kind"] == "crashed" or "cyclonedx" in entry["file"]:
        assert scan is None
        return
    assert isinstance(scan, Scan)
    assert scan.records == entry["records"]
    assert scan.complete == (entry["kind"] != "partial")
