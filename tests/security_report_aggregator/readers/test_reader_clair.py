from __future__ import annotations

from datetime import UTC, datetime

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

from security_report_aggregator.model import Category, Level, Location, Package
from security_report_aggregator.readers.clair import READER

VULNERABILITY = {
    "featurename": "systemd",
    "featureversion": "237-3ubuntu10.29",
    "vulnerability": "CVE-2018-20839",
    "namespace": "ubuntu:18.04",
    "description": "systemd 242 changes the VT1 mode upon a logout",
    "link": "https://advisories.example/CVE-2018-20839",
    "severity": "Medium",
    "fixedby": "237-3ubuntu10.30",
}
SCANNER = {"image": "ubuntu:bionic", "unapproved": ["CVE-2018-20839"], "vulnerabilities": [VULNERABILITY]}
KLAR_ENTRY = {
    "Name": "RHSA-2019:0109",
    "NamespaceName": "centos:7",
    "Description": "Perl",
    "Link": "https://advisories.example/RHSA-2019:0109",
    "Severity": "Defcon1",
    "FixedBy": "4:5.16.3-294.el7_6",
    "FeatureName": "perl-libs",
    "FeatureVersion": "4:5.16.3-293.el7",
}
KLAR = {"LayerCount": 9, "Vulnerabilities": {"Defcon1": [KLAR_ENTRY], "High": None}}
PACKAGE = {"id": "10", "name": "libcrypto3", "version": "3.0.7-r0"}
CLAIR_4 = {
    "manifest_hash": "sha256:b05ac1ee",
    "packages": {"10": PACKAGE},
    "vulnerabilities": {
        "356835": {
            "id": "356835",
            "name": "CVE-2024-6119",
            "description": "Certificate checks",
            "issued": "2024-09-03T07:20:50.52Z",
            "links": "https://a.example/1 https://b.example/2",
            "severity": "",
            "normalized_severity": "High",
            "dist": {"did": "alpine"},
            "fixed_in_version": "3.0.15-r0",
        }
    },
    "package_vulnerabilities": {"10": ["356835"]},
}


def test_the_index_of_an_image_is_no_vulnerability_report() -> None:
    index = {"manifest_hash": "sha256:1", "state": "IndexFinished", "packages": {"10": PACKAGE}, "success": True}
    assert "is Clair's index of an image" in refusal_of(READER, index)


def test_clair_scanner_tells_package_image_and_fix() -> None:
    finding = finding_of(READER, SCANNER)
    assert (finding.category, finding.tool, finding.rule.id) == (Category.CONTAINER, "clair", "CVE-2018-20839")
    assert (finding.rated.level, finding.rated.said) == (Level.MEDIUM, "Medium")
    assert finding.package == Package("deb", "systemd", "237-3ubuntu10.29")
    assert finding.location == Location("ubuntu:bionic", is_file=False)
    assert (finding.aliases, finding.fixed_in) == (("CVE-2018-20839",), ("237-3ubuntu10.30",))
    assert finding.url == "https://advisories.example/CVE-2018-20839"


def test_what_clair_scanner_approves_is_still_a_finding() -> None:
    scan = scan_of(READER, SCANNER | {"unapproved": None})
    assert (scan.records, scan.suppressed) == (1, 0)
    assert scan.notes == ("1 are on clair-scanner's whitelist or below its threshold",)


def test_klar_lists_by_severity_and_counts_defcon_as_critical() -> None:
    finding = finding_of(READER, KLAR)
    assert (finding.rated.level, finding.rated.said) == (Level.CRITICAL, "Defcon1")
    assert finding.package == Package("rpm", "perl-libs", "4:5.16.3-293.el7")
    assert (finding.aliases, finding.fixed_in, finding.location) == ((), ("4:5.16.3-294.el7_6",), None)


def test_the_list_a_klar_entry_stands_in_is_its_severity_where_it_says_none() -> None:
    entry = {key: value for key, value in KLAR_ENTRY.items() if key != "Severity"}
    assert finding_of(READER, KLAR | {"Vulnerabilities": {"Low": [entry]}}).rated.level is Level.LOW


@pytest.mark.parametrize(("layers", "complete"), [(9, True), (0, False)])
def test_an_image_without_layers_was_not_looked_at(layers: int, complete: bool) -> None:
    assert scan_of(READER, {"LayerCount": layers, "Vulnerabilities": None}).complete is complete


def test_clair_4_pairs_packages_with_vulnerabilities() -> None:
    finding = finding_of(READER, CLAIR_4)
    assert (finding.rule.id, finding.rated.level) == ("CVE-2024-6119", Level.HIGH)
    assert finding.package == Package("apk", "libcrypto3", "3.0.7-r0")
    assert finding.location == Location("sha256:b05ac1ee", is_file=False)
    assert (finding.fixed_in, finding.url) == (("3.0.15-r0",), "https://a.example/1")
    assert finding.published == datetime(2024, 9, 3, 7, 20, 50, 520000, tzinfo=UTC)


def test_a_vulnerability_counts_once_for_each_package_that_has_it() -> None:
    two = CLAIR_4 | {"packages": {"10": PACKAGE, "11": PACKAGE | {"name": "libssl3"}}}
    scan = scan_of(READER, two | {"package_vulnerabilities": {"10": ["356835"], "11": ["356835"]}})
    assert [finding.package.name for finding in scan.findings if finding.package] == ["libcrypto3", "libssl3"]


@pytest.mark.parametrize(
    "empty",
    [
        {"image": "a", "unapproved": [], "vulnerabilities": []},
        {"LayerCount": 1, "Vulnerabilities": {}},
        {"manifest_hash": "sha256:1", "packages": {}, "vulnerabilities": {}, "package_vulnerabilities": {"10": None}},
    ],
)
def test_an_image_without_vulnerabilities_is_clean(empty: object) -> None:
    scan = scan_of(READER, empty)
    assert (scan.tool, scan.records, scan.complete) == ("clair", 0, True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (SCANNER | {"vulnerabilities": 3}, "`vulnerabilities` is no list"),
        (SCANNER | {"vulnerabilities": [{}]}, "`vulnerabilities[0]` has no `vulnerability`"),
        (KLAR | {"Vulnerabilities": [1]}, "`Vulnerabilities` is no object"),
        (KLAR | {"Vulnerabilities": {"High": 3}}, "`Vulnerabilities.High` is no list"),
        (KLAR | {"Vulnerabilities": {"High": [{}]}}, "`Vulnerabilities.High[0]` has no `Name`"),
        (CLAIR_4 | {"package_vulnerabilities": {"10": "356835"}}, "`package_vulnerabilities.10` is no list"),
        (CLAIR_4 | {"package_vulnerabilities": {"10": ["7"]}}, "refers to `vulnerabilities.7`, which is not there"),
        (CLAIR_4 | {"package_vulnerabilities": {"9": ["356835"]}}, "refers to `packages.9`, which is not there"),
        (CLAIR_4 | {"vulnerabilities": {"356835": {}}}, "`vulnerabilities.356835` has no `name`"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize(
    "other", [{"vulnerabilities": []}, {"image": "a", "vulnerabilities": []}, [], {"code": "not-found", "message": "m"}]
)
def test_other_reports_are_left_to_others(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([SCANNER, KLAR, CLAIR_4]))
@settings(max_examples=50)
def test_damage_to_a_clair_report_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
