"""OSV-Scanner's JSON: a record is a finding, a group of records shares ids and the worst severity."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
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
    reads_or_refuses,
    refused,
    scanned,
)

from security_report_aggregator.model import Category, Level, Location, Package
from security_report_aggregator.readers.osv import READER

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
PYSEC: dict[str, Any] = {"id": "PYSEC-2021-9", "aliases": ["CVE-2021-1234"], "published": "2021-01-02T03:04:05Z"}
GHSA: dict[str, Any] = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "aliases": ["CVE-2021-1234"],
    "summary": "SQL injection",
    "details": "Long words.",
    "affected": [
        {
            "package": {"name": "Django", "ecosystem": "PyPI"},
            "ranges": [
                {"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "0123abcd"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.2.5"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "4"}, {"fixed": "4.0.1"}]},
            ],
            "database_specific": {"cwes": [{"cweId": "CWE-20"}]},
        },
        {"package": {"name": "other"}, "ranges": [{"events": [{"fixed": "9"}]}]},
    ],
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/nonsense"}, {"type": "CVSS_V3", "score": VECTOR}],
    "database_specific": {"cwe_ids": ["CWE-89"], "severity": "MODERATE"},
}
GROUP: dict[str, Any] = {"ids": ["GHSA-aaaa-bbbb-cccc", "PYSEC-2021-9"], "aliases": ["CVE-2021-1234"]}
DJANGO: dict[str, Any] = {
    "package": {"name": "django", "version": "3.2.4", "ecosystem": "PyPI"},
    "vulnerabilities": [PYSEC, GHSA],
    "groups": [GROUP],
}


def a_report(*packages: object, path: str = "/home/runner/work/shop/shop/requirements.txt", **more: object) -> Any:
    return {"results": [{"source": {"path": path, "type": "lockfile"}, "packages": list(packages)}], **more}


def a_package(*records: object, **more: object) -> dict[str, Any]:
    return {**DJANGO, "vulnerabilities": list(records), "groups": [], **more}


def test_each_record_is_a_finding_with_the_ids_of_its_group() -> None:
    first, second = scanned(READER, a_report(DJANGO)).findings
    assert first.package == second.package == Package("pypi", "django", "3.2.4")
    assert first.location == second.location == Location("requirements.txt")
    assert (first.rule.id, second.rule.id) == ("PYSEC-2021-9", "GHSA-aaaa-bbbb-cccc")
    assert set(first.aliases) == set(second.aliases) == {"PYSEC-2021-9", "CVE-2021-1234", "GHSA-aaaa-bbbb-cccc"}
    assert first.published == datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert second.rule.cwes == (20, 89)
    assert (first.message, second.message) == ("PYSEC-2021-9", "SQL injection")
    assert second.url == "https://osv.dev/vulnerability/GHSA-aaaa-bbbb-cccc"


def test_versions_fix_it_in_this_package_only_and_commits_are_none() -> None:
    _, finding = scanned(READER, a_report(DJANGO)).findings
    assert finding.fixed_in == ("3.2.5", "4.0.1")


@pytest.mark.parametrize(
    ("group", "level", "said"),
    [
        ({"max_severity": "9.1"}, Level.CRITICAL, "9.1"),
        ({"max_severity": ""}, Level.MEDIUM, "MODERATE"),
        ({}, Level.MEDIUM, "MODERATE"),
    ],
)
def test_a_group_has_one_severity(group: dict[str, str], level: Level, said: str) -> None:
    scan = scanned(READER, a_report({**DJANGO, "groups": [{**GROUP, **group}]}))
    assert {(finding.rated.level, finding.rated.said) for finding in scan.findings} == {(level, said)}


def test_a_vector_that_cannot_be_read_leaves_the_others_standing() -> None:
    record = {key: value for key, value in GHSA.items() if key != "database_specific"}
    assert levels(scanned(READER, a_report(a_package(record)))) == {"critical": 1}


def test_a_record_without_any_severity_is_unknown() -> None:
    assert levels(scanned(READER, a_report(a_package(PYSEC)))) == {"unknown": 1}


def test_the_words_of_ubuntu_stand_where_others_have_vectors() -> None:
    record = {"id": "UBUNTU-CVE-2024-1", "severity": [{"type": "Ubuntu", "score": "negligible"}]}
    assert levels(scanned(READER, a_report(a_package(record)))) == {"low": 1}


def test_a_withdrawn_record_is_set_aside() -> None:
    (finding,) = scanned(READER, a_report(a_package({**PYSEC, "withdrawn": "2022-03-04T00:00:00Z"}))).findings
    assert finding.suppressed == "the advisory was withdrawn on 2022-03-04"


@pytest.mark.parametrize("key", ["experimental_analysis", "experimentalAnalysis"])
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"called": False}, "call analysis: the code does not call what is vulnerable"),
        ({"called": True, "unimportant": True}, "unimportant, says the distribution"),
        ({"called": True}, ""),
    ],
)
def test_what_the_scanner_does_not_count_is_set_aside(key: str, said: dict[str, bool], reason: str) -> None:
    group = {"ids": ["PYSEC-2021-9"], key: {"PYSEC-2021-9": said}}
    (finding,) = scanned(READER, a_report(a_package(PYSEC, groups=[group]))).findings
    assert finding.suppressed == reason


def test_packages_of_an_operating_system_are_of_a_container() -> None:
    package = {"name": "openssl", "version": "1.1", "ecosystem": "Debian:11"}
    report = {
        "results": [{"source": {"path": "app:1", "type": "docker"}, "packages": [a_package(PYSEC, package=package)]}]
    }
    (finding,) = scanned(READER, report).findings
    assert finding.category is Category.CONTAINER
    assert finding.package == Package("deb", "openssl", "1.1")
    assert finding.location == Location("app:1", is_file=False)


def test_a_commit_without_a_package_is_told_by_its_hash() -> None:
    package = {"name": "", "version": "", "ecosystem": "", "commit": "f5f3c22f"}
    (finding,) = scanned(READER, a_report(a_package(GHSA, package=package))).findings
    assert (finding.package, finding.resource, finding.fixed_in) == (None, "f5f3c22f", ("0123abcd",))


def test_licences_off_the_allowlist_are_findings_of_their_own() -> None:
    package = a_package(licenses=["MIT", "GPL-3.0"], license_violations=["GPL-3.0", "AGPL-3.0"])
    (finding,) = scanned(READER, a_report(package, experimental_config={})).findings
    assert (finding.category, finding.license) == (Category.LICENSE, "GPL-3.0 AND AGPL-3.0")
    assert finding.message == "django has a licence that is not on the allowlist: GPL-3.0, AGPL-3.0"


def test_what_stands_before_or_after_the_records_of_a_package_counts_the_same() -> None:
    turned = {key: DJANGO[key] for key in reversed(DJANGO)}
    report = a_report(turned)
    report["results"][0] = {key: report["results"][0][key] for key in ("packages", "source")}
    assert scanned(READER, report).findings == scanned(READER, a_report(DJANGO)).findings


@pytest.mark.parametrize(
    "report",
    [
        {"results": [], "experimental_config": {"licenses": {}}},
        {"results": None, "experimental_config": {}},
        a_report(a_package(vulnerabilities=None, groups=None)),
        a_report(),
    ],
)
def test_nothing_found_is_a_clean_scan(report: object) -> None:
    scan = scanned(READER, report)
    assert (scan.records, scan.complete) == (0, True)


def test_an_empty_list_alone_is_read_only_where_the_user_names_the_scanner() -> None:
    assert not READER.recognises(a_document({"results": []}))
    assert scanned(READER, {"results": []}, label="osv-scanner").records == 0


def test_findings_without_a_package_are_not_passed_over_in_silence() -> None:
    scan = scanned(READER, a_report(experimental_generic_findings=[{}, {}]))
    assert scan.gaps == ("2 experimental findings that belong to no package are not read",)


def test_a_package_with_thousands_of_groups_takes_no_square_of_their_number() -> None:
    records = [{"id": f"GHSA-{number}"} for number in range(5000)]
    groups = [{"ids": [record["id"]], "max_severity": ""} for record in records]
    steps = 0

    def counted(*_: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(counted)
    try:
        (scan,) = READER.read(a_document(a_report(a_package(*records, groups=groups))))
    finally:
        sys.setprofile(None)
    assert scan.records == 5000
    assert steps < 3_000_000


def test_a_record_takes_no_more_than_a_hundred_ids_from_its_group() -> None:
    ids = [f"GHSA-{number}" for number in range(500)]
    scan = scanned(READER, a_report(a_package(*({"id": one} for one in ids), groups=[{"ids": ids}])))
    assert max(len(finding.aliases) for finding in scan.findings) == 101


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ({"results": {}, "experimental_config": {}}, "`results` is no list"),
        ({"results": 1, "experimental_config": {}}, "`results` is no list"),
        ({"results": [1], "experimental_config": {}}, "`results[0]` is no object"),
        (
            {"results": [{"source": {"path": "a"}}], "experimental_config": {}},
            "`results[0]` has no packages: no whole report",
        ),
        (a_report(DJANGO, 5), "`results[0].packages[1]` is no object"),
        (a_report(a_package(PYSEC, {})), "`results[0].packages[0].vulnerabilities[1]` has no id"),
        (a_report(a_package(PYSEC, groups={})), "`groups` is no list"),
    ],
)
def test_a_report_of_another_shape_is_refused_naming_the_field(report: object, reason: str) -> None:
    assert refused(READER, report).reason == reason


@settings(max_examples=50)
@given(data=mutants(a_report(DJANGO, a_package(GHSA, license_violations=["X"])), a_report(experimental_config={})))
def test_whatever_a_report_holds_it_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses(READER, data)


@settings(max_examples=30)
@given(scores=st.lists(st.sampled_from(["", "3.1", "7.5", "9.8", "x"]), min_size=1, max_size=4), data=st.data())
def test_records_of_a_group_share_the_worst_severity_in_any_order(scores: list[str], data: st.DataObject) -> None:
    words = {"": None, "3.1": "LOW", "7.5": "HIGH", "9.8": "CRITICAL", "x": "nonsense"}
    records = [
        {"id": f"OSV-2024-{number}", "database_specific": {"severity": words[score]}}
        for number, score in enumerate(scores)
    ]
    group = {"ids": [record["id"] for record in records]}
    shuffled = data.draw(st.permutations(records))
    scan = scanned(READER, a_report(a_package(*shuffled, groups=[group])))
    worst = max(("unknown", "low", "high", "critical").index(level) for level in levels(scan))
    known = [("", "3.1", "7.5", "9.8").index(score) for score in scores if score != "x"]
    assert len(levels(scan)) == 1
    assert worst == max(known, default=0)


@pytest.mark.parametrize("entry", corpus("osv-scanner"))
def test_the_corpus_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    """Its severities are those of the groups' scores, which these reports leave out; words and vectors stand in."""
    given_ = {"many_findings.json": {"critical": 10, "high": 33, "medium": 23}, "some_findings.json": {"unknown": 1}}
    wanted = given_.get(entry["file"].split("/")[1], {})
    holds_to_the_corpus(READER, {**entry, "raw_severities": wanted}, {level: level for level in wanted})
