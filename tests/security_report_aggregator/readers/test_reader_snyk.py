"""Snyk's JSON: projects with their vulnerabilities, licences and misconfigurations; containers; failures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from tests.security_report_aggregator.readers.advisory_reports import (
    a_document,
    corpus,
    holds_to_the_corpus,
    mutants,
    reads_or_refuses,
    refused,
    scanned,
)

from security_report_aggregator.model import Category, Level, Location, Package
from security_report_aggregator.readers.snyk import READER

GUAVA: dict[str, Any] = {
    "id": "SNYK-JAVA-COMGOOGLEGUAVA-1015415",
    "title": "Information Disclosure",
    "description": "## Overview",
    "CVSSv3": "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N",
    "cvssScore": 5.5,
    "fixedIn": ["30.0-android", "30.0-jre"],
    "identifiers": {"CVE": ["CVE-2020-8908"], "CWE": ["CWE-200"], "GHSA": ["GHSA-5mg8-w23w-74h3"]},
    "packageManager": "maven",
    "packageName": "com.google.guava:guava",
    "publicationTime": "2020-10-23T15:50:35Z",
    "severity": "medium",
    "from": ["shop@1", "com.google.guava:guava@29.0-jre"],
    "version": "29.0-jre",
}
LICENSE: dict[str, Any] = {
    "id": "snyk:lic:npm:shop:GPL-3.0",
    "title": "GPL-3.0 license",
    "type": "license",
    "license": "GPL-3.0",
    "severity": "high",
    "packageName": "shop",
    "version": "1",
    "from": ["a", "shop@1"],
}
BUCKET: dict[str, Any] = {
    "id": "SNYK-CC-TF-53",
    "publicId": "SNYK-CC-TF-53",
    "title": "Bucket is public",
    "severity": "high",
    "isIgnored": False,
    "documentation": "https://snyk.io/security-rules/SNYK-CC-TF-53",
    "issue": "Anyone reads",
    "impact": "Leaks",
    "iacDescription": {"issue": "Anyone reads it"},
    "lineNumber": 9,
    "msg": "resource.aws_s3_bucket[logs].acl",
    "path": ["resource", "aws_s3_bucket[logs]", "acl"],
}
POD = {**BUCKET, "isIgnored": True, "lineNumber": -1, "path": ["input", "spec"], "msg": "", "documentation": None}


def a_project(*vulnerabilities: object, **more: object) -> dict[str, Any]:
    return {
        "vulnerabilities": list(vulnerabilities),
        "ok": not vulnerabilities,
        "dependencyCount": 3,
        "packageManager": "maven",
        "displayTargetFile": "api\\pom.xml",
        "remediation": {"unresolved": list(vulnerabilities)},
        "filtered": {"ignore": [], "patch": []},
        **more,
    }


def infrastructure(*issues: object) -> dict[str, Any]:
    return {
        "vulnerabilities": [],
        "ok": False,
        "targetFile": "main.tf",
        "packageManager": "terraformconfig",
        "infrastructureAsCodeIssues": list(issues),
    }


def test_a_record_is_a_finding_in_the_manifest_of_its_project() -> None:
    scan = scanned(READER, a_project(GUAVA))
    (finding,) = scan.findings
    assert (scan.tool, finding.tool, finding.category) == ("snyk", "snyk", Category.DEPENDENCY)
    assert finding.package == Package("maven", "com.google.guava:guava", "29.0-jre")
    assert finding.location == Location("api/pom.xml")
    assert finding.aliases == ("CVE-2020-8908", "GHSA-5mg8-w23w-74h3")
    assert finding.fixed_in == ("30.0-android", "30.0-jre")
    assert (finding.rated.level, finding.rated.score) == (Level.MEDIUM, 5.5)
    assert (finding.rule.cwes, finding.message) == ((200,), "Information Disclosure")
    assert finding.published == datetime(2020, 10, 23, 15, 50, 35, tzinfo=UTC)
    assert finding.url == "https://security.snyk.io/vuln/SNYK-JAVA-COMGOOGLEGUAVA-1015415"


def test_every_record_of_every_project_counts() -> None:
    scan = scanned(READER, [a_project(GUAVA, GUAVA), a_project(), a_project(LICENSE, packageManager="npm")])
    assert (scan.records, scan.complete) == (3, True)


@pytest.mark.parametrize(
    ("record", "level", "source"),
    [
        ({"severity": "high", "severityWithCritical": "critical"}, Level.CRITICAL, "severity"),
        ({"severity": None}, Level.MEDIUM, "cvssScore"),
        ({"severity": None, "cvssScore": None}, Level.MEDIUM, "CVSS:3.1 vector"),
        ({"severity": None, "cvssScore": None, "CVSSv3": None}, Level.UNKNOWN, "the scanner gives no severity"),
    ],
)
def test_the_word_comes_before_the_score_and_the_vector(record: dict[str, object], level: Level, source: str) -> None:
    (finding,) = scanned(READER, a_project({**GUAVA, **record})).findings
    assert (finding.rated.level, finding.rated.source) == (level, source)


@pytest.mark.parametrize(
    ("manager", "type_"),
    [("gomodules", "golang"), ("debian:11", "deb"), ("sles:15.3", "rpm"), ("wolfi", "apk"), ("pip", "pypi"), ("?", "")],
)
def test_package_managers_are_ecosystems(manager: str, type_: str) -> None:
    (finding,) = scanned(READER, a_project({**GUAVA, "packageManager": manager}, packageManager=None)).findings
    assert finding.package is not None
    assert finding.package.type == type_


def test_a_licence_issue_is_a_finding_of_a_licence() -> None:
    (finding,) = scanned(READER, a_project(LICENSE, packageManager="npm")).findings
    assert (finding.category, finding.license, finding.aliases) == (Category.LICENSE, "GPL-3.0", ())
    assert finding.package == Package("npm", "shop", "1")
    by_id = {key: value for key, value in LICENSE.items() if key not in ("type", "license")}
    (finding,) = scanned(READER, a_project(by_id)).findings
    assert finding.license == "GPL-3.0"


def test_what_a_policy_takes_out_is_withheld() -> None:
    scan = scanned(READER, a_project(GUAVA, filtered={"ignore": [GUAVA, GUAVA], "patch": [GUAVA]}))
    assert (scan.records, scan.withheld, scan.suppressed) == (4, 3, 3)


def test_an_image_and_its_applications_are_read() -> None:
    inner = a_project({**GUAVA, "id": "SNYK-2"}, displayTargetFile="app/pom.xml")
    outer = a_project(
        {**GUAVA, "packageManager": "debian:11", "packageName": "openssl"},
        docker={"baseImage": "debian:11"},
        path="shop:1.2",
        applications=[inner],
    )
    inside, image = scanned(READER, outer).findings
    assert (image.category, image.location) == (Category.CONTAINER, Location("shop:1.2", is_file=False))
    assert image.package == Package("deb", "openssl", "29.0-jre")
    assert (inside.category, inside.location) == (Category.DEPENDENCY, Location("app/pom.xml"))


def test_misconfigurations_are_of_a_resource() -> None:
    scan = scanned(READER, [infrastructure(BUCKET), infrastructure(POD)])
    bucket, pod = scan.findings
    assert scan.tool == "snyk-iac"
    assert (bucket.category, bucket.tool, bucket.resource) == (Category.IAC, "snyk-iac", "aws_s3_bucket.logs")
    assert bucket.location == Location("main.tf", 9)
    assert (bucket.message, bucket.rule.description) == ("Bucket is public: Leaks", "Anyone reads it")
    assert (pod.suppressed, pod.resource) == ("ignored by Snyk's policy", "input.spec")
    assert pod.location == Location("main.tf")
    assert pod.url == "https://security.snyk.io/rules/cloud/SNYK-CC-TF-53"


@pytest.mark.parametrize("identifiers", [None, {}, {"CVE": None}, {"CVE": []}])
def test_identifiers_may_be_missing(identifiers: object) -> None:
    (finding,) = scanned(READER, a_project({**GUAVA, "identifiers": identifiers})).findings
    assert finding.aliases == ()


def test_a_record_alone_in_the_head_is_recognised() -> None:
    huge = {**GUAVA, "description": "x" * 300_000}
    report = {"vulnerabilities": [GUAVA, huge], "ok": False}
    assert scanned(READER, report).records == 2


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ({"ok": False, "error": "Authentication failed\n(401)", "path": "/w"}, "Authentication failed (401)"),
        ({"vulnerabilities": [], "ok": False, "error": "crashed"}, "crashed"),
        ({"ok": False, "error": ""}, "no reason is given"),
    ],
)
def test_an_error_is_no_clean_report(report: object, words: str) -> None:
    assert refused(READER, report).reason == f"is no report but an error of Snyk: {words}"


def test_a_project_that_failed_beside_others_is_a_gap() -> None:
    failed = {"ok": False, "error": "no lock file", "path": "./web"}
    scan = scanned(READER, [a_project(GUAVA), failed, {"ok": False, "error": "", "message": "gone"}])
    assert scan.gaps == ("did not test web: no lock file", "did not test a project: gone")
    assert (scan.records, scan.complete) == (1, False)


@pytest.mark.parametrize(
    "report", [[], {}, {"vulnerabilities": []}, {"vulnerabilities": [{"id": 1}]}, [{"ok": True}], "x"]
)
def test_other_documents_are_not_recognised(report: object) -> None:
    assert not READER.recognises(a_document(report))


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (a_project() | {"vulnerabilities": {}}, "`vulnerabilities` is no list"),
        (a_project() | {"vulnerabilities": None}, "`vulnerabilities` is no list"),
        ([a_project(), a_project() | {"vulnerabilities": "x"}], "`[1].vulnerabilities` is no list"),
        ([a_project(), 1], "`[1]` is no object"),
        (a_project(GUAVA, 1), "`vulnerabilities[1]` is no object"),
        (a_project({**GUAVA, "id": None}), "`vulnerabilities[0]` has no id"),
        (infrastructure({}), "`infrastructureAsCodeIssues[0]` has no id"),
        (a_project(filtered={"ignore": None}), "`filtered.ignore` is null, which is no list"),
        ({"ok": True, "error": ""}, "has neither `vulnerabilities` nor `infrastructureAsCodeIssues`"),
        (
            {"ok": True, "packageManager": "npm", "projectName": "x", "infrastructureAsCodeIssues": None},
            "`infrastructureAsCodeIssues` is no list",
        ),
    ],
)
def test_a_report_of_another_shape_is_refused_naming_the_field(report: object, reason: str) -> None:
    assert refused(READER, report).reason == reason


@settings(max_examples=60)
@given(
    data=mutants(
        a_project(GUAVA, LICENSE, docker={}, applications=[a_project(GUAVA)]),
        [a_project(GUAVA), infrastructure(BUCKET, POD), {"ok": False, "error": "x"}],
    )
)
def test_whatever_a_report_holds_it_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses(READER, data)


@pytest.mark.parametrize("entry", corpus("snyk"))
def test_the_corpus_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    holds_to_the_corpus(READER, entry, {"medium": "medium", "low": "low", "high": "high", "critical": "critical"})
