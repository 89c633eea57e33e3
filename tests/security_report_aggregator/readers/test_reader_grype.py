from __future__ import annotations

from datetime import UTC, datetime
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

from security_report_aggregator.model import Category, Level, Location, Package
from security_report_aggregator.readers.grype import READER

MATCH = {
    "vulnerability": {
        "id": "GHSA-m2qf-hxjv-5gpq",
        "dataSource": "https://advisories.example/GHSA-m2qf-hxjv-5gpq",
        "severity": "High",
        "description": "Flask may send one client's session cookie to others",
        "cvss": [{"version": "3.1", "metrics": {"baseScore": 7.5}}],
        "fix": {"versions": ["2.2.5", "2.3.2"], "state": "fixed"},
        "cwes": [{"cve": "CVE-2023-30861", "cwe": "CWE-539"}],
    },
    "relatedVulnerabilities": [{"id": "CVE-2023-30861", "cvss": []}],
    "artifact": {
        "name": "flask",
        "version": "2.0.1",
        "type": "python",
        "locations": [{"path": "/backend/requirements.txt"}],
        "purl": "pkg:pypi/flask@2.0.1",
    },
}
SYSTEM = {
    "vulnerability": {"id": "CVE-2021-33574", "severity": "Negligible", "fix": {"versions": [], "state": "not-fixed"}},
    "relatedVulnerabilities": [],
    "artifact": {"name": "libc6", "version": "2.28-10", "type": "deb", "locations": [{"path": "/var/lib/dpkg/status"}]},
}
IMAGE = {"type": "image", "target": {"userInput": "app:1"}}


def report(*matches: object, **others: object) -> dict[str, Any]:
    return {
        "matches": list(matches),
        "source": {"type": "directory", "target": "."},
        "descriptor": {"name": "grype", "version": "0.87.0", "timestamp": "2026-03-01T10:00:00.123456789+01:00"},
        **others,
    }


def data_base(**status: object) -> dict[str, Any]:
    descriptor = {"name": "grype", "version": "0.87.0", "timestamp": "2026-03-20T10:00:00Z", "db": {"status": status}}
    return {"descriptor": descriptor}


def test_a_match_is_told_in_full() -> None:
    finding = finding_of(READER, report(MATCH))
    assert (finding.category, finding.tool, finding.rule.id) == (Category.DEPENDENCY, "grype", "GHSA-m2qf-hxjv-5gpq")
    assert (finding.rated.level, finding.rated.said, finding.rated.score) == (Level.HIGH, "High", 7.5)
    assert finding.aliases == ("GHSA-m2qf-hxjv-5gpq", "CVE-2023-30861")
    assert finding.package == Package("pypi", "flask", "2.0.1")
    assert finding.fixed_in == ("2.2.5", "2.3.2")
    assert finding.location == Location("backend/requirements.txt")
    assert finding.rule.cwes == (539,)
    assert finding.message == "Flask may send one client's session cookie to others"
    assert finding.url == "https://advisories.example/GHSA-m2qf-hxjv-5gpq"


def test_a_match_without_a_description_names_its_package() -> None:
    finding = finding_of(READER, report(SYSTEM, source=IMAGE))
    assert finding.message == "CVE-2021-33574 in libc6 2.28-10"
    assert finding.package == Package("deb", "libc6", "2.28-10")


def test_a_description_may_stand_in_the_related_vulnerability() -> None:
    related = SYSTEM | {"relatedVulnerabilities": [{"id": "CVE-2021-33574", "description": "mq_notify"}]}
    assert finding_of(READER, report(related)).message == "mq_notify"


@pytest.mark.parametrize(
    ("match", "source", "category", "location"),
    [
        (MATCH, IMAGE, Category.CONTAINER, Location("backend/requirements.txt", is_file=False)),
        (SYSTEM, IMAGE, Category.CONTAINER, Location("app:1", is_file=False)),
        (SYSTEM, {"type": "sbom-file"}, Category.CONTAINER, Location("var/lib/dpkg/status", is_file=False)),
        (MATCH, {"type": "directory", "target": "svc"}, Category.DEPENDENCY, Location("svc/backend/requirements.txt")),
        (MATCH, {"type": "directory", "target": "/src"}, Category.DEPENDENCY, Location("backend/requirements.txt")),
        (MATCH, {"type": "directory", "target": "../a"}, Category.DEPENDENCY, Location("backend/requirements.txt")),
        (MATCH, None, Category.DEPENDENCY, Location("backend/requirements.txt")),
        (MATCH | {"artifact": {"name": "flask"}}, None, Category.DEPENDENCY, None),
    ],
)
def test_what_was_scanned_tells_images_from_folders(
    match: object, source: object, category: Category, location: Location | None
) -> None:
    finding = finding_of(READER, report(match, source=source))
    assert (finding.category, finding.location) == (category, location)


@pytest.mark.parametrize(
    ("word", "level"), [("Negligible", Level.LOW), ("Unknown", Level.UNKNOWN), ("Critical", Level.CRITICAL)]
)
def test_severities_are_grype_s_words(word: str, level: Level) -> None:
    match = MATCH | {"vulnerability": {"id": "CVE-2020-0001", "severity": word}}
    assert finding_of(READER, report(match)).rated.level is level


def test_the_run_says_when_and_with_which_version() -> None:
    scan = scan_of(READER, report())
    assert (scan.version, scan.records, scan.complete) == ("0.87.0", 0, True)
    assert scan.started == datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)


def test_null_matches_are_none() -> None:
    assert scan_of(READER, report() | {"matches": None}).records == 0


def test_ignored_matches_are_counted_in_a_note() -> None:
    scan = scan_of(READER, report(MATCH, ignoredMatches=[MATCH, SYSTEM]))
    assert (scan.records, scan.notes) == (1, ("2 matches were ignored by Grype's rules or VEX",))


@pytest.mark.parametrize(
    ("status", "gaps"),
    [
        ({"valid": True, "built": "2026-03-19T00:00:00Z"}, ()),
        ({"valid": False}, ("Grype says its data base is not valid",)),
        ({"error": "checksum\nmismatch"}, ("Grype says its data base is not valid: checksum mismatch",)),
    ],
)
def test_a_data_base_that_is_not_valid_is_a_gap(status: dict[str, object], gaps: tuple[str, ...]) -> None:
    assert scan_of(READER, report(**data_base(**status))).gaps == gaps


def test_the_data_base_of_old_schemas_stands_one_step_higher() -> None:
    descriptor = {"name": "grype", "db": {"built": "2023-01-01T00:00:00Z", "schemaVersion": 5, "error": "no such file"}}
    assert scan_of(READER, report(descriptor=descriptor)).gaps == (
        "Grype says its data base is not valid: no such file",
    )


def test_an_old_data_base_is_a_note() -> None:
    scan = scan_of(READER, report(**data_base(valid=True, built="2026-03-01T10:00:00Z")))
    assert (scan.complete, scan.notes) == (True, ("Grype's data base was 19 days old when it ran",))


def test_packages_that_grype_does_not_match_are_a_gap_and_those_too_old_a_note() -> None:
    alerts = [
        {"package": {"name": "a"}, "alerts": [{"type": "distro-disabled", "message": "m"}]},
        {"package": {"name": "b"}, "alerts": [{"type": "distro-eol", "message": "m"}, {"type": "distro-eol"}]},
    ]
    scan = scan_of(READER, report(alertsByPackage=alerts))
    assert scan.gaps == ("1 packages were not checked: Grype does not match those of their distribution",)
    assert scan.notes[0].startswith("1 packages are of a distribution that has reached its end of life")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (report() | {"matches": {"a": 1}}, "`matches` is no list"),
        (report("CVE"), "`matches[0]` is no object"),
        (report({"vulnerability": {}, "artifact": {"name": "a"}}), "`matches[0]` has no `vulnerability.id`"),
        (report(MATCH | {"artifact": "flask"}), "`matches[0]` has no `vulnerability.id` or no `artifact.name`"),
        (report(MATCH | {"relatedVulnerabilities": "x"}), "`matches[0].relatedVulnerabilities` is no list"),
        (report(MATCH | {"artifact": {"name": "a", "locations": [1]}}), "`matches[0].artifact.locations[0]`"),
        (report(alertsByPackage=[{"alerts": 3}]), "`alertsByPackage[0].alerts` is no list"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize(
    "other",
    [
        {"vulnerabilities": []},
        {"matches": []},
        [],
        {"matches": [{"vulnerability": {}}]},
        {"descriptor": {"name": "grype"}},
    ],
)
def test_other_reports_are_left_to_others(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([report(MATCH, SYSTEM, ignoredMatches=[MATCH]), report(SYSTEM, source=IMAGE, **data_base(valid=False))]))
@settings(max_examples=50)
def test_damage_to_a_grype_report_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
