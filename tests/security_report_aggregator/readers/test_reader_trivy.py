from __future__ import annotations

import json
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
from security_report_aggregator.readers.trivy import READER

VULNERABILITY = {
    "VulnerabilityID": "CVE-2023-37920",
    "VendorIDs": ["GHSA-xqr8-7jwr-rhp7", "DSA-1-1"],
    "PkgID": "certifi@2022.5.18.1",
    "PkgName": "certifi",
    "PkgIdentifier": {"PURL": "pkg:pypi/certifi@2022.5.18.1"},
    "InstalledVersion": "2022.5.18.1",
    "FixedVersion": "2022.12.7, 2023.7.22",
    "SeveritySource": "ghsa",
    "PrimaryURL": "https://advisories.example/CVE-2023-37920",
    "Title": "Removal of a root certificate",
    "Description": "Certifi recognises a root certificate it should not.",
    "Severity": "CRITICAL",
    "CweIDs": ["CWE-345"],
    "CVSS": {"ghsa": {"V3Score": 7.5}, "nvd": {"V3Score": 9.8}},
    "PublishedDate": "2023-07-25T21:15:00.123456789Z",
}
MISCONFIGURATION = {
    "Type": "Terraform Security Check",
    "ID": "AWS-0086",
    "AVDID": "AVD-AWS-0086",
    "Title": "S3 access block should block public ACL",
    "Description": "Buckets should block it.",
    "Message": "No public access block",
    "PrimaryURL": "https://advisories.example/AWS-0086",
    "Severity": "HIGH",
    "Status": "FAIL",
    "CauseMetadata": {
        "Resource": "aws_s3_bucket.logs",
        "StartLine": 3,
        "EndLine": 5,
        "Code": {"Lines": [{"Content": 'password = "hunter2"', "IsCause": True}]},
    },
}
SECRET = {
    "RuleID": "github-pat",
    "Category": "GitHub",
    "Severity": "CRITICAL",
    "Title": "GitHub Personal Access Token",
    "StartLine": 5,
    "EndLine": 5,
    "Match": "export GITHUB_PAT=****",
    "Code": {"Lines": [{"Content": "export AWS_ACCESS_KEY_ID=1234567"}]},
}
LICENSE = {"Severity": "HIGH", "Category": "restricted", "PkgName": "busybox", "Name": "GPL-2.0", "Confidence": 0.9}
FILE_LICENSE = {
    "Severity": "LOW",
    "Category": "notice",
    "FilePath": "vendor/LICENSE",
    "Name": "MIT",
    "Link": "https://l",
}


def report(*results: object, **others: object) -> dict[str, Any]:
    return {
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.72.0"},
        "CreatedAt": "2026-03-01T10:00:00+01:00",
        "ArtifactName": ".",
        "ArtifactType": "filesystem",
        "Results": list(results),
        **others,
    }


def result(kind: str, *records: object, **others: object) -> dict[str, Any]:
    return {"Target": "requirements.txt", "Class": "lang-pkgs", "Type": "pip", kind: list(records), **others}


IN_IMAGE = {"ArtifactName": "app:1", "ArtifactType": "container_image"}
PACKAGES = [{"ID": "certifi@2022.5.18.1", "Locations": [{"StartLine": 7, "EndLine": 7}]}, {"ID": "", "Locations": []}]
LOCKED = {"Packages": PACKAGES, **result("Vulnerabilities", VULNERABILITY)}
CLUSTER = {
    "ClusterName": "production",
    "Resources": [
        {
            "Namespace": "default",
            "Kind": "Deployment",
            "Name": "web",
            "Results": [
                {
                    "Target": "registry.example/web:v2 (debian 12.1)",
                    "Class": "os-pkgs",
                    "Type": "debian",
                    "Vulnerabilities": [VULNERABILITY | {"PkgIdentifier": {}, "PkgName": "apt"}],
                },
                {"Target": "Deployment/web", "Class": "config", "Misconfigurations": [MISCONFIGURATION]},
            ],
        }
    ],
}


def test_a_vulnerability_is_told_in_full() -> None:
    finding = finding_of(READER, report(LOCKED))
    assert (finding.category, finding.tool, finding.rule.id) == (Category.DEPENDENCY, "trivy", "CVE-2023-37920")
    assert finding.message == finding.rule.name == "Removal of a root certificate"
    assert finding.rule.cwes == (345,)
    assert finding.package == Package("pypi", "certifi", "2022.5.18.1")
    assert finding.fixed_in == ("2022.12.7", "2023.7.22")
    assert finding.aliases == ("CVE-2023-37920", "GHSA-xqr8-7jwr-rhp7")
    assert finding.location == Location("requirements.txt", 7)
    assert finding.published == datetime(2023, 7, 25, 21, 15, 0, 123456, tzinfo=UTC)
    assert finding.url == "https://advisories.example/CVE-2023-37920"


def test_a_schema_that_is_not_known_is_a_gap() -> None:
    scan = scan_of(READER, report(LOCKED, SchemaVersion=3))
    assert scan.records == 1
    assert scan.gaps == ("is of SchemaVersion 3, which is not known here: findings may be missing",)


def test_a_vulnerability_that_nobody_named_is_unknown_and_hides_no_other() -> None:
    scan = scan_of(READER, [result("Vulnerabilities", {"PkgName": "simplito/elliptic-php"}, VULNERABILITY)])
    assert [finding.rated.level for finding in scan.findings] == [Level.UNKNOWN, Level.CRITICAL]
    assert scan.findings[0].package == Package("pypi", "simplito/elliptic-php")


def test_the_severity_is_the_report_s_and_the_score_one_that_agrees() -> None:
    finding = finding_of(READER, report(LOCKED))
    assert (finding.rated.level, finding.rated.said, finding.rated.score) == (Level.CRITICAL, "CRITICAL", 9.8)


def test_the_run_says_when_what_and_with_which_version() -> None:
    scan = scan_of(READER, report(LOCKED, Metadata={"Commit": "547db82", "OS": {}}))
    assert (scan.version, scan.commit) == ("0.72.0", "547db82")
    assert scan.started == datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("results", [None, [], [{"Target": "a", "Class": "config", "MisconfSummary": {"Failures": 0}}]])
def test_missing_and_null_lists_are_nothing_found(results: object) -> None:
    scan = scan_of(READER, report() | {"Results": results})
    assert (scan.records, scan.complete) == (0, True)


@pytest.mark.parametrize("kind", ["Vulnerabilities", "Misconfigurations", "Secrets", "Licenses"])
def test_each_list_may_be_null(kind: str) -> None:
    assert scan_of(READER, report({"Target": "a", kind: None})).records == 0


def test_a_report_without_results_is_empty() -> None:
    scan = scan_of(READER, {"SchemaVersion": 2, "ArtifactName": "a", "ArtifactType": "filesystem"})
    assert (scan.records, scan.complete) == (0, True)


@pytest.mark.parametrize(
    ("context", "others", "category", "location"),
    [
        ({}, {}, Category.DEPENDENCY, Location("requirements.txt")),
        ({"ArtifactName": "backend"}, {}, Category.DEPENDENCY, Location("backend/requirements.txt")),
        ({"ArtifactName": "./backend/"}, {}, Category.DEPENDENCY, Location("backend/requirements.txt")),
        ({"ArtifactName": "a/requirements.txt"}, {}, Category.DEPENDENCY, Location("a/requirements.txt")),
        ({"ArtifactName": "/src"}, {}, Category.DEPENDENCY, Location("requirements.txt")),
        ({"ArtifactName": "../src"}, {}, Category.DEPENDENCY, Location("requirements.txt")),
        ({}, {"Target": "Python"}, Category.DEPENDENCY, Location("Python", is_file=False)),
        (IN_IMAGE, {}, Category.CONTAINER, Location("requirements.txt", is_file=False)),
        (
            IN_IMAGE,
            {"Target": "app:1 (alpine 3.19.0)", "Class": "os-pkgs", "Type": "alpine"},
            Category.CONTAINER,
            Location("app:1", is_file=False),
        ),
        ({"ArtifactType": "cyclonedx"}, {}, Category.DEPENDENCY, Location("requirements.txt")),
    ],
)
def test_what_was_scanned_tells_dependencies_from_images(
    context: dict[str, object], others: dict[str, object], category: Category, location: Location
) -> None:
    finding = finding_of(READER, report(result("Vulnerabilities", VULNERABILITY, **others), **context))
    assert (finding.category, finding.location) == (category, location)


def test_the_file_of_a_package_is_its_place_where_the_target_is_all_of_a_language() -> None:
    record = VULNERABILITY | {"PkgPath": "usr/lib/certifi/METADATA"}
    finding = finding_of(READER, report(result("Vulnerabilities", record, Target="Python"), **IN_IMAGE))
    assert finding.location == Location("usr/lib/certifi/METADATA", is_file=False)


def test_a_package_without_url_has_the_type_of_its_target() -> None:
    record = {key: value for key, value in VULNERABILITY.items() if key != "PkgIdentifier"}
    finding = finding_of(READER, report(result("Vulnerabilities", record, Type="npm", Target="package-lock.json")))
    assert finding.package == Package("npm", "certifi", "2022.5.18.1")


def test_the_order_of_keys_changes_nothing() -> None:
    plain = report(LOCKED, result("Misconfigurations", MISCONFIGURATION), ArtifactName="backend")
    turned = json.loads(json.dumps(plain), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    moved = {key: turned[key] for key in ("Results", *(key for key in turned if key != "Results"))}
    # The line of a package is known only where the packages come first, as Trivy writes them.
    at_1, at_2 = ([finding.location for finding in scan_of(READER, one).findings] for one in (plain, moved))
    assert [(at.path, at.is_file) for at in at_1 if at] == [(at.path, at.is_file) for at in at_2 if at]


def test_a_misconfiguration_names_its_resource_and_quotes_no_code() -> None:
    finding = finding_of(
        READER, report(result("Misconfigurations", MISCONFIGURATION, Target="main.tf", Class="config"))
    )
    assert (finding.category, finding.rule.id, finding.rule.tags) == (Category.IAC, "AWS-0086", ("AVD-AWS-0086",))
    assert (finding.resource, finding.message) == ("aws_s3_bucket.logs", "No public access block")
    assert finding.location == Location("main.tf", 3, end_line=5)
    assert "hunter2" not in repr(finding)


@pytest.mark.parametrize(("status", "records", "suppressed"), [("PASS", 0, 0), ("EXCEPTION", 1, 1), ("FAIL", 1, 0)])
def test_a_check_that_passed_is_no_finding(status: str, records: int, suppressed: int) -> None:
    scan = scan_of(READER, report(result("Misconfigurations", MISCONFIGURATION | {"Status": status})))
    assert (scan.records, scan.suppressed) == (records, suppressed)


def test_a_secret_is_told_without_any_of_the_text_around_it() -> None:
    finding = finding_of(READER, report(result("Secrets", SECRET, Target="env", Class="secret")))
    assert (finding.category, finding.rule.id) == (Category.SECRET, "github-pat")
    assert finding.location == Location("env", 5, end_line=5)
    assert "1234567" not in repr(finding)
    assert "GITHUB_PAT" not in repr(finding)


def test_licences_are_of_packages_or_of_files() -> None:
    of_package, of_file = scan_of(READER, report(result("Licenses", LICENSE, FILE_LICENSE, Type=""))).findings
    assert (of_package.category, of_package.license) == (Category.LICENSE, "GPL-2.0")
    assert of_package.package == Package("", "busybox")
    assert of_file.package is None
    assert of_file.location == Location("vendor/LICENSE")


def test_the_report_of_a_cluster_is_read_by_resource() -> None:
    vulnerable, misconfigured = scan_of(READER, CLUSTER).findings
    assert (vulnerable.category, vulnerable.resource) == (Category.CONTAINER, "default/Deployment/web")
    assert vulnerable.location == Location("registry.example/web:v2", is_file=False)
    assert vulnerable.package == Package("deb", "apt", "2022.5.18.1")
    assert (misconfigured.category, misconfigured.resource) == (Category.IAC, "default/Deployment/web")
    assert misconfigured.location == Location("Deployment/web", 3, end_line=5, is_file=False)


@pytest.mark.parametrize("section", ["Findings", "Vulnerabilities", "Misconfigurations"])
def test_a_cluster_s_resources_have_had_other_names(section: str) -> None:
    assert scan_of(READER, {"ClusterName": "c", section: CLUSTER["Resources"]}).records == 2


def test_a_resource_that_failed_is_a_gap() -> None:
    resources = [{"Namespace": "default", "Kind": "Pod", "Name": "db", "Error": "pull\nfailed"}]
    assert scan_of(READER, {"ClusterName": "c", "Resources": resources}).gaps == (
        "`default/Pod/db` could not be scanned: pull failed",
    )


def test_a_list_of_results_is_the_report_of_old_versions() -> None:
    old = {"Target": "app (debian 10.8)", "Type": "debian", "Vulnerabilities": [VULNERABILITY]}
    other = {"Target": "app/package-lock.json", "Type": "npm", "Vulnerabilities": None}
    scan = scan_of(READER, [old, other])
    assert (scan.records, scan.findings[0].category) == (1, Category.CONTAINER)
    assert scan_of(READER, [other | {"Vulnerabilities": [VULNERABILITY]}]).findings[0].category is Category.DEPENDENCY


def test_what_was_taken_out_stands_in_a_note_and_not_among_the_records() -> None:
    modified = [{"Type": "vulnerability", "Status": "ignored", "Finding": VULNERABILITY}]
    scan = scan_of(READER, report(LOCKED | {"ExperimentalModifiedFindings": modified}))
    assert (scan.records, scan.suppressed) == (1, 0)
    assert scan.notes == ("1 findings were taken out by `.trivyignore` or VEX",)


def test_an_operating_system_at_its_end_is_a_note() -> None:
    system = {"Family": "debian", "Name": "9.13", "EOSL": True}
    (note,) = scan_of(READER, report(Metadata={"OS": system})).notes
    assert note.startswith("the operating system (debian 9.13) has reached its end of life")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (report() | {"Results": {"a": {"Target": "b"}}}, "`Results` is no list"),
        (report({"Target": "a", "Vulnerabilities": "none"}), "`Results[0].Vulnerabilities` is no list"),
        (report(result("Vulnerabilities", "CVE-1")), "`Results[0].Vulnerabilities[0]` is no object"),
        (report(result("Vulnerabilities", {"Title": "a"})), "has no `PkgName`"),
        (report({"Class": "lang-pkgs"}), "`Results[0]` has no `Target`: no whole report"),
        (report({}), "`Results[0]` has no `Target`: no whole report"),
        (report(result("Vulnerabilities") | {"Vulnerabilities": {}}), "`Results[0].Vulnerabilities` is no list"),
        (report(result("Misconfigurations", {"ID": ["a"]})), "`Results[0].Misconfigurations[0]` has no `ID`"),
        (report(result("Secrets", {})), "has no `RuleID`"),
        (report(result("Licenses", {})), "has no `Name`"),
        ({"ClusterName": "c", "Resources": [3]}, "`Resources[0]` is no object"),
        ([{"Target": "a", "Type": "npm", "Vulnerabilities": 3}], "`[0].Vulnerabilities` is no list"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize(
    "other",
    [
        {"schemaVersion": 2, "config": {}, "layers": []},
        {"matches": [], "descriptor": {"name": "grype"}},
        {"Issues": [], "Stats": {}},
        [{"Description": "a", "RuleID": "b"}],
        "TARGET  VULNERABILITIES\n",
    ],
)
def test_other_reports_are_left_to_others(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([report(LOCKED, result("Secrets", SECRET), result("Licenses", LICENSE)), CLUSTER, [LOCKED]]))
@settings(max_examples=50)
def test_damage_to_a_trivy_report_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
