from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.security_report_aggregator.readers.reports_at_hand import (
    finding_of,
    made,
    mutated,
    opened,
    reads_or_refuses,
    real,
    refusal_of,
    scan_of,
)

from security_report_aggregator.model import Category, Level, Location, Package
from security_report_aggregator.readers.checkov import READER

CHECK = {
    "check_id": "CKV_AWS_20",
    "check_name": "S3 Bucket has an ACL that allows public READ",
    "check_result": {"result": "FAILED"},
    "code_block": [[1, 'resource "aws_s3_bucket" "logs" {\n'], [2, '  acl = "public-read"\n']],
    "file_path": "/main.tf",
    "repo_file_path": "/deploy/main.tf",
    "file_line_range": [1, 2],
    "resource": "aws_s3_bucket.logs",
    "severity": None,
    "guideline": "https://docs.example/s3",
    "vulnerability_details": None,
}
DETAILS: dict[str, object] = {
    "id": "CVE-2019-19844",
    "severity": "critical",
    "package_name": "django",
    "package_version": "1.2",
    "package_type": "python",
    "link": "https://nvd.example/CVE-2019-19844",
    "cvss": 9.8,
    "description": "Account takeover",
    "published_date": "2019-12-18T20:15:00+01:00",
    "lowest_fixed_version": "1.11.27",
    "fixed_versions": ["1.11.27", "2.2.9"],
}
CVE = CHECK | {
    "check_id": "CKV_CVE_2019_19844",
    "check_name": "SCA package scan",
    "file_path": "/requirements.txt",
    "repo_file_path": "/requirements.txt",
    "file_line_range": [0, 0],
    "resource": "requirements.txt.django",
    "severity": "CRITICAL",
    "vulnerability_details": DETAILS,
}
LICENSE = CHECK | {
    "check_id": "BC_LIC_1",
    "vulnerability_details": {
        "package_name": "docutils",
        "package_version": "0.15.2",
        "package_type": "python",
        "license": "GPL-3.0",
        "policy": "BC_LIC_1",
    },
}


def report(*failed: object, framework: str = "terraform", summary: Any = None, **results: object) -> dict[str, Any]:
    counted = {"passed": 0, "failed": len(failed), "skipped": 0, "parsing_errors": 0, "checkov_version": "3.3.30"}
    return {
        "check_type": framework,
        "results": {"failed_checks": list(failed), **results},
        "summary": counted | (summary or {}),
    }


@pytest.mark.parametrize(("path", "records"), real("checkov"))
def test_every_real_report_gives_the_number_of_its_failed_checks(path: Path, records: int) -> None:
    document = opened(path)
    assert READER.recognises(document)
    (scan,) = READER.read(document)
    assert (scan.tool, scan.records, scan.complete) == ("checkov", records, True)
    assert scan.version


def test_a_failed_check_says_which_resource_where() -> None:
    finding = finding_of(READER, report(CHECK))
    assert (finding.category, finding.rule.id, finding.resource) == (Category.IAC, "CKV_AWS_20", "aws_s3_bucket.logs")
    assert finding.rule.help_uri == "https://docs.example/s3"
    assert finding.rated.level is Level.UNKNOWN
    assert finding.location == Location(
        "deploy/main.tf", 1, end_line=2, snippet='resource "aws_s3_bucket" "logs" {\n  acl = "public-read"\n'
    )


@pytest.mark.parametrize(("word", "level"), [("HIGH", Level.HIGH), ("NONE", Level.LOW), ("odd", Level.UNKNOWN)])
def test_a_severity_from_the_platform_counts(word: str, level: Level) -> None:
    assert finding_of(READER, report(CHECK | {"severity": word})).rated.level is level


@pytest.mark.parametrize(
    ("framework", "category"),
    [
        ("dockerfile", Category.IAC),
        ("kubernetes", Category.IAC),
        ("sast_python", Category.CODE),
        ("sca_image", Category.CONTAINER),
        ("sca_package", Category.DEPENDENCY),
        ("secrets", Category.SECRET),
        ("", Category.IAC),
    ],
)
def test_the_framework_says_what_kind_of_thing_is_weak(framework: str, category: Category) -> None:
    assert finding_of(READER, report(CHECK, framework=framework)).category is category


def test_a_vulnerable_package_is_a_dependency_with_its_advisory() -> None:
    finding = finding_of(READER, report(CVE, framework="sca_package"))
    assert finding.package == Package("pypi", "django", "1.2")
    assert finding.aliases == ("CVE-2019-19844",)
    assert finding.fixed_in == ("1.11.27", "2.2.9")
    assert (finding.rated.level, finding.rated.source) == (Level.CRITICAL, "severity")
    assert (finding.message, finding.url) == ("Account takeover", "https://nvd.example/CVE-2019-19844")
    assert finding.published is not None
    assert finding.published.isoformat() == "2019-12-18T19:15:00+00:00"
    assert finding.location == Location("requirements.txt")


def test_without_a_word_the_score_counts_and_no_fix_is_none() -> None:
    unsaid: dict[str, object] = {
        "severity": None,
        "fixed_versions": [],
        "lowest_fixed_version": "N/A",
        "description": None,
    }
    check = CVE | {"severity": None, "vulnerability_details": DETAILS | unsaid}
    finding = finding_of(READER, report(check, framework="sca_package"))
    assert (finding.rated.level, finding.rated.score, finding.fixed_in) == (Level.CRITICAL, 9.8, ())
    assert finding.message == "CVE-2019-19844 in django 1.2"


def test_a_licence_violation_is_a_licence_finding() -> None:
    finding = finding_of(READER, report(LICENSE, framework="sca_package"))
    assert (finding.category, finding.license, finding.aliases) == (Category.LICENSE, "GPL-3.0", ())
    assert finding.message == "docutils 0.15.2 has the licence GPL-3.0"


def test_a_secret_is_known_by_its_hash_alone_and_shows_no_code() -> None:
    hashed = hashlib.sha1(b"not-a-real-key", usedforsecurity=False).hexdigest()
    finding = finding_of(READER, report(CHECK | {"resource": f"main.tf:{hashed}"}, framework="secrets"))
    assert finding.secret == made("").digest("not-a-real-key")
    assert finding.location is not None
    assert (finding.location.snippet, finding.resource) == ("", "")
    assert hashed not in repr(finding)
    assert finding_of(READER, report(CHECK, framework="secrets")).secret == ""


def test_the_reports_of_all_frameworks_are_one_scan() -> None:
    scan = scan_of(READER, [report(CHECK, CHECK), report(CVE, framework="sca_package"), report(framework="helm")])
    assert (scan.records, scan.version) == (3, "3.3.30")


def test_skipped_checks_are_noted_and_passed_ones_are_nothing() -> None:
    scan = scan_of(READER, report(CHECK, passed_checks=[CHECK] * 3, skipped_checks=[CHECK] * 2, parsing_errors=[]))
    assert (scan.records, scan.complete) == (1, True)
    assert scan.notes == ("2 checks are skipped by comments in the code or by options",)


def test_files_that_do_not_parse_are_gaps_named_up_to_five() -> None:
    scan = scan_of(READER, report(parsing_errors=[f"/{name}.tf" for name in "abcdefg"]))
    assert scan.gaps[0].startswith("7 files do not parse and were not checked: `a.tf`, `b.tf`")
    assert scan.gaps[0].endswith("`e.tf` and 2 more")
    assert scan_of(READER, report(summary={"parsing_errors": 2})).gaps == ("2 files do not parse and were not checked",)


def test_a_summary_alone_is_clean_with_a_note_unless_it_counts_something() -> None:
    summary = {"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0, "checkov_version": "3.3.30"}
    scan = scan_of(READER, summary)
    assert (scan.records, scan.version, scan.notes) == (0, "3.3.30", ("Checkov found no file that it has checks for",))
    assert "counts 3 failed checks but lists 0" in refusal_of(READER, summary | {"failed": 3})
    assert not scan_of(READER, summary | {"parsing_errors": 1}).complete


@pytest.mark.parametrize(
    ("changes", "location"),
    [
        ({"repo_file_path": None}, Location("main.tf", 1, end_line=2)),
        ({"repo_file_path": "/elsewhere/x"}, Location("main.tf", 1, end_line=2)),
        ({"file_line_range": [3]}, Location("deploy/main.tf", 3)),
        ({"file_line_range": None}, Location("deploy/main.tf")),
        ({"file_path": None, "repo_file_path": None}, None),
    ],
)
def test_the_place_is_what_the_record_tells(changes: dict[str, object], location: Location | None) -> None:
    assert finding_of(READER, report(CHECK | {"code_block": None} | changes)).location == location


@pytest.mark.parametrize("block", [[[1]], [7], [[1, None]], "x"])
def test_a_code_block_of_another_shape_is_no_snippet(block: object) -> None:
    location = finding_of(READER, report(CHECK | {"code_block": block})).location
    assert location is not None
    assert location.snippet == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (report(CHECK, "x"), "is no object"),
        (report(CHECK | {"check_id": 0.5, "check_name": "x"} | {"check_id": None}), "without `check_id`"),
        (report() | {"results": [CHECK]}, "is no object"),
        (report() | {"results": {"failed_checks": CHECK}}, "is no list"),
        (report(summary={"failed": 2}), "counts 2 failed checks but lists 0"),
        (report(parsing_errors="x"), "`results.parsing_errors` is no list"),
        ([report(), {}], "neither `results` nor a summary"),
        ([report(), 7], "is no object"),
        (report() | {"results": None, "summary": {}}, "neither `results` nor a summary"),
    ],
)
def test_what_is_not_as_the_format_says_is_refused_and_not_lost(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize("other", [[], {}, "x", {"results": {}}, {"check_type": "x"}, {"failed": 1}])
def test_other_documents_are_not_taken_for_checkov(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([report(CHECK, CVE, parsing_errors=["/a"]), [report(LICENSE), report(CHECK, framework="secrets")]]))
@settings(max_examples=50)
def test_damage_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
