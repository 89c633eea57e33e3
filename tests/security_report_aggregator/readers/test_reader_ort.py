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

from security_report_aggregator.model import Category, Level, Licensed, Package
from security_report_aggregator.readers.ort import READER
from security_report_aggregator.readers.ort_records import package_of

LODASH = {
    "id": "NPM::lodash:4.17.20",
    "purl": "pkg:npm/lodash@4.17.20",
    "declared_licenses": ["MIT"],
    "declared_licenses_processed": {"spdx_expression": "MIT"},
}
VULNERABILITY = {
    "id": "CVE-2021-23337",
    "summary": "Command injection in lodash",
    "references": [
        {"url": "https://a.example/1", "scoring_system": "CVSS:3.1", "severity": "HIGH", "score": 7.2, "vector": "x"},
        {"url": "https://b.example/2", "scoring_system": "EPSS", "severity": None, "score": 0.95},
    ],
}
VIOLATION = {
    "rule": "COPYLEFT_IN_DEPENDENCY",
    "pkg": "NPM::lodash:4.17.20",
    "license": "GPL-2.0-only",
    "license_source": "DECLARED",
    "severity": "ERROR",
    "message": "A copyleft licence is not allowed.",
    "how_to_fix": "Replace it.",
}
ERROR = {"timestamp": "2026-03-01T10:00:00Z", "source": "NPM", "message": "no\nlockfile", "severity": "ERROR"}


def result(**parts: object) -> dict[str, Any]:
    analyzer = {
        "start_time": "2026-03-01T10:00:00Z",
        "environment": {"ort_version": "40.0.0"},
        "result": {"projects": [{"id": "NPM::shop:1.0"}], "packages": [LODASH], "issues": {}},
    }
    vcs = {"type": "Git", "url": "", "revision": "abc123", "path": ""}
    return {"repository": {"vcs": vcs, "vcs_processed": vcs}, "analyzer": analyzer, "scanner": None, **parts}


def advised(*vulnerabilities: object, issues: object = None) -> dict[str, Any]:
    advice = {"advisor": {"name": "OSV"}, "summary": {"issues": issues}, "vulnerabilities": list(vulnerabilities)}
    return {"start_time": "2026-02-01T10:00:00Z", "results": {"NPM::lodash:4.17.20": [advice]}}


MODEL: dict[str, Any] = {
    "path_excludes": [],
    "scope_excludes": [],
    "copyrights": [{"_id": 0, "statement": "c"}],
    "licenses": [{"_id": 0, "id": "MIT"}, {"_id": 1, "id": "GPL-2.0-only"}, {"id": "House licence"}],
    "issues": [
        {"_id": 0, "severity": "ERROR", "source": "Scanner", "message": "no source"},
        {"_id": 1, "severity": "ERROR", "message": "known", "resolutions": [0]},
        {"_id": 2, "severity": "HINT", "message": "a hint"},
    ],
    "packages": [
        {"_id": 0, "id": "NPM::shop:1.0", "is_project": True, "declared_licenses": [0]},
        {"_id": 1, "findings": [{"type": "LICENSE"}], **LODASH, "declared_licenses": [0]},
        {
            "_id": 2,
            "id": "Maven:junit:junit:4.12",
            "declared_licenses": [0, 2],
            "declared_licenses_processed": {"spdx_expression": "MIT OR EPL-1.0", "unmapped_licenses": [2]},
        },
        {"_id": 3, "id": "NPM::dev:1", "is_excluded": True},
    ],
    "rule_violations": [
        {**VIOLATION, "_id": 0, "pkg": 1, "license": 1},
        {**VIOLATION, "_id": 1, "pkg": None, "license": None, "severity": "HINT", "resolutions": [0]},
    ],
    "vulnerabilities": [{"_id": 0, "pkg": 1, **VULNERABILITY}],
    "repository": {"vcs_processed": {"revision": "abc123"}},
}


def test_packages_and_their_licences_are_an_inventory() -> None:
    scan = scan_of(READER, result())
    assert scan.licensed == (Licensed(Package("npm", "lodash", "4.17.20"), "MIT"),)
    assert (scan.records, scan.complete) == (1, True)


def test_the_run_says_when_what_and_with_which_version() -> None:
    scan = scan_of(READER, result(advisor=advised()))
    assert (scan.tool, scan.version, scan.commit) == ("ort", "40.0.0", "abc123")
    assert scan.started == datetime(2026, 2, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "license_"),
    [
        ({"concluded_license": "Apache-2.0"}, "Apache-2.0"),
        ({"declared_licenses_processed": {"spdx_expression": "MIT", "unmapped": ["My Own"]}}, "MIT AND (My Own)"),
        ({"declared_licenses": ["BSD", "MIT"], "declared_licenses_processed": {}}, "BSD AND MIT"),
        ({"declared_licenses": [], "declared_licenses_processed": None}, ""),
    ],
)
def test_a_licence_is_the_concluded_or_all_that_are_declared(fields: dict[str, object], license_: str) -> None:
    package = LODASH | fields
    analyzer = {"result": {"packages": [{"package": package, "curations": []}]}}
    assert scan_of(READER, result(analyzer=analyzer)).licensed[0].license == license_


def test_the_advisor_s_vulnerabilities_are_findings() -> None:
    finding = finding_of(READER, result(advisor=advised(VULNERABILITY)))
    assert (finding.category, finding.rule.id, finding.aliases) == (
        Category.DEPENDENCY,
        "CVE-2021-23337",
        ("CVE-2021-23337",),
    )
    assert (finding.rated.level, finding.package) == (Level.HIGH, Package("npm", "lodash", "4.17.20"))
    assert (finding.message, finding.url) == ("Command injection in lodash", "https://a.example/1")


@pytest.mark.parametrize(
    ("reference", "level"),
    [
        ({"scoring_system": "cvssV3", "severity": "9.8"}, Level.CRITICAL),
        ({"scoring_system": "CVSS:3.1", "score": 5.0}, Level.MEDIUM),
        ({"severity": "MODERATE"}, Level.MEDIUM),
        ({"scoring_system": "EPSS", "score": 0.9}, Level.UNKNOWN),
        ({}, Level.UNKNOWN),
    ],
)
def test_severities_are_words_or_cvss_scores(reference: object, level: Level) -> None:
    record = VULNERABILITY | {"references": [reference]}
    assert finding_of(READER, result(advisor=advised(record))).rated.level is level


def test_old_results_of_the_advisor_stand_one_step_deeper() -> None:
    advisor = {"results": {"advisor_results": advised(VULNERABILITY)["results"]}}
    assert finding_of(READER, result(advisor=advisor)).package == Package("npm", "lodash", "4.17.20")


def test_violations_of_rules_are_licence_findings() -> None:
    finding = finding_of(READER, result(evaluator={"violations": [VIOLATION]}))
    assert (finding.category, finding.rule.id) == (Category.LICENSE, "COPYLEFT_IN_DEPENDENCY")
    assert (finding.license, finding.rated.level) == ("GPL-2.0-only", Level.HIGH)
    assert finding.package == Package("npm", "lodash", "4.17.20")
    assert finding.rule.tags == ("DECLARED",)


@pytest.mark.parametrize(
    ("parts", "gaps"),
    [
        ({"analyzer": {"result": {"issues": {"NPM::shop:1.0": [ERROR]}}}}, ("NPM: no lockfile",)),
        ({"analyzer": {"result": {"issues": {"a": [ERROR | {"severity": "WARNING"}]}}}}, ()),
        ({"analyzer": {"result": {"issues": {"a": [{"message": "m"}]}}}}, ("m",)),
        ({"advisor": advised(issues=[ERROR])}, ("NPM: no lockfile",)),
        ({"scanner": {"scan_results": [{"summary": {"issues": [ERROR], "licenses": [{}]}}]}}, ("NPM: no lockfile",)),
    ],
)
def test_errors_of_any_step_are_gaps(parts: dict[str, object], gaps: tuple[str, ...]) -> None:
    assert scan_of(READER, result(**parts)).gaps == gaps


@pytest.mark.parametrize(("advisor", "notes"), [(None, 1), (advised(), 0)])
def test_that_nobody_looked_for_vulnerabilities_is_said(advisor: object, notes: int) -> None:
    assert len(scan_of(READER, result(advisor=advisor)).notes) == notes


def test_resolutions_that_are_not_applied_are_said() -> None:
    resolutions = {"issues": [], "rule_violations": [{"message": ".*", "reason": "CANT_FIX_EXCEPTION"}]}
    scan = scan_of(READER, result(advisor=advised(), resolved_configuration={"resolutions": resolutions}))
    assert scan.notes == ("1 resolutions in ORT's configuration are not applied here; write waivers instead",)


def test_the_evaluated_model_is_read_through_its_indexes() -> None:
    scan = scan_of(READER, MODEL)
    assert scan.licensed == (
        Licensed(Package("npm", "lodash", "4.17.20"), "MIT"),
        Licensed(Package("maven", "junit:junit", "4.12"), "(MIT OR EPL-1.0) AND (House licence)"),
    )
    violation, resolved, vulnerability = scan.findings
    assert (violation.license, violation.package) == ("GPL-2.0-only", Package("npm", "lodash", "4.17.20"))
    assert (resolved.package, resolved.rated.level) == (None, Level.LOW)
    assert (violation.suppressed, resolved.suppressed) == ("", "resolved in ORT's configuration")
    assert (vulnerability.rule.id, vulnerability.package) == ("CVE-2021-23337", Package("npm", "lodash", "4.17.20"))
    assert (scan.gaps, scan.commit, scan.records) == (("Scanner: no source",), "abc123", 5)
    assert scan.notes == ("1 packages and projects are excluded in ORT's configuration",)


@pytest.mark.parametrize(
    ("own", "package"),
    [
        ("NPM:@babel:core:7.0.0", Package("npm", "@babel/core", "7.0.0")),
        ("Maven:org.apache:commons:1.1", Package("maven", "org.apache:commons", "1.1")),
        ("PyPI::Jinja2:2.11.2", Package("pypi", "Jinja2", "2.11.2")),
        ("Crate::serde:1.0", Package("cargo", "serde", "1.0")),
        ("Unmanaged::thing:", Package("", "thing")),
        ("nonsense", Package("", "nonsense")),
    ],
)
def test_an_id_names_type_namespace_name_and_version(own: str, package: Package) -> None:
    assert package_of(own) == package


YAML = "---\nrepository:\n  vcs:\n    type: Git\nanalyzer:\n  result:\n    packages: []\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (YAML, "write it as JSON with `-f JSON`"),
        (result(analyzer={"result": {"packages": {"a": {}}}}), "`analyzer.result.packages` is no list"),
        (result(analyzer={"result": {"packages": [{"purl": "pkg:npm/a"}]}}), "a package has no `id`"),
        (result(analyzer={"result": {"issues": {"a": 3}}}), "`analyzer.result.issues.a` is no list"),
        (result(advisor={"results": [1]}), "`advisor.results` is no object"),
        (result(advisor=advised({"summary": "s"})), "vulnerabilities` has no `id`"),
        (result(evaluator={"violations": [{}]}), "`evaluator.violations[0]` has no `rule`"),
        (MODEL | {"licenses": 3}, "`licenses` is no list"),
        (MODEL | {"vulnerabilities": [VULNERABILITY | {"pkg": 9}]}, "`pkg` refers to `9`, which is not there"),
        (MODEL | {"rule_violations": [VIOLATION]}, "`license` refers to `GPL-2.0-only`, which is not there"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize(
    "other",
    [{"repository": {"vcs": {}}}, {"analyzer": {"result": {}}}, {"licenses": []}, "repository: a\nanalyzer: b", []],
)
def test_other_reports_are_left_to_others(other: object) -> None:
    assert not READER.recognises(made(other))


@given(
    mutated(
        [
            result(advisor=advised(VULNERABILITY, issues=[ERROR]), evaluator={"violations": [VIOLATION]}),
            MODEL,
            YAML.encode(),
        ]
    )
)
@settings(max_examples=50)
def test_damage_to_an_ort_result_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
