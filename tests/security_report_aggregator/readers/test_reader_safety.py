"""Safety's JSON in its four forms, text around it, and what stands for a report that failed."""

from __future__ import annotations

import json
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
    produced,
    read_produced,
    reads_or_refuses,
    refused,
    scanned,
)

from actionkit.errors import Unreadable
from security_report_aggregator.model import Level, Location, Package, Scan
from security_report_aggregator.readers.safety import READER

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"
LEGACY: list[Any] = ["django", "<4.0.2", "4.0.1", "A tag does not encode.", "44742"]
DJANGO: dict[str, Any] = {
    "vulnerability_id": "44742",
    "package_name": "django",
    "ignored": False,
    "ignored_reason": None,
    "analyzed_version": "4.0.1",
    "advisory": "A tag does not\nencode.",
    "published_date": "2022-Feb-03",
    "fixed_versions": ["3.2.12", "4.0.2"],
    "closest_versions_without_known_vulnerabilities": ["4.0.4"],
    "CVE": "CVE-2022-22818",
    "severity": {
        "source": "CVE-2022-22818",
        "cvssv2": {"base_score": 4.3, "vector_string": "AV:N/AC:M/Au:N/C:N/I:P/A:N"},
        "cvssv3": {"base_score": 6.1, "base_severity": "MEDIUM", "vector_string": VECTOR},
    },
    "more_info_url": "https://pyup.io/v/44742/f17",
}
UNPINNED = {
    **DJANGO,
    "vulnerability_id": "1",
    "ignored": True,
    "analyzed_version": None,
    "ignored_reason": "ignored due to the 'ignore-unpinned-requirements' flag",
}


def a_check(*vulnerabilities: object, ignored: object = (), **more: object) -> dict[str, Any]:
    return {
        "report_meta": {
            "scan_target": "files",
            "scanned": ["./requirements.txt"],
            "timestamp": "2026-11-21 14:12:46",
            "safety_version": "2.3.5",
            "packages_found": 3,
            "vulnerabilities_found": len(vulnerabilities),
            "git": {"commit": "0123abcd"},
        },
        "scanned_packages": {"django": {"name": "django"}},
        "affected_packages": {
            "django": {"name": "django", "found": "api/requirements.txt", "insecure_versions": ["1"]}
        },
        "announcements": [],
        "vulnerabilities": list(vulnerabilities),
        "ignored_vulnerabilities": list(ignored) if isinstance(ignored, tuple) else ignored,
        "remediations": {},
        **more,
    }


def a_scan(*known: object, **more: object) -> dict[str, Any]:
    specification = {
        "raw": "django[argon2] == 4.0.1",
        "vulnerabilities": {
            "known_vulnerabilities": list(known),
            "remediation": {
                "vulnerabilities_found": 1,
                "closest_secure_version": {"upper": "4.0.4", "lower": None},
                "recommended": "4.0.4",
                "other_recommended": ["3.2.12"],
            },
        },
    }
    file = {
        "location": "/github/workspace/api/requirements.txt",
        "type": "requirements.txt",
        "results": {"dependencies": [{"name": "django", "specifications": [specification]}]},
    }
    return {
        "meta": {
            "scan_type": "scan",
            "timestamp": "2026-11-21T05:35:11",
            "telemetry": {"safety_version": "3.2.4"},
            "schema_version": "3.0",
        },
        "scan_results": {"projects": [{"id": "shop", "location": "/w", "files": [file]}], **more},
    }


def of_the_scan(identifier: str = "44742", ignored: object = None) -> dict[str, Any]:
    return {"id": identifier, "ignored": ignored, "vulnerable_spec": "<4.0.2"}


def test_a_list_of_version_1_is_read() -> None:
    scan = scanned(READER, [LEGACY, [*LEGACY[:4], "38834", None, {"base_score": 9.8, "vector_string": VECTOR}]])
    first, second = scan.findings
    assert (scan.tool, scan.version, scan.format) == ("safety", "1", "safety-1")
    assert first.package == Package("pypi", "django", "4.0.1")
    assert (first.rule.id, first.aliases, first.message) == ("44742", ("pyup.io-44742",), "A tag does not encode.")
    assert (first.rated.level, second.rated.level) == (Level.UNKNOWN, Level.CRITICAL)


def test_a_check_of_version_2_is_read() -> None:
    scan = scanned(READER, a_check(DJANGO))
    (finding,) = scan.findings
    assert (scan.version, scan.commit) == ("2.3.5", "0123abcd")
    assert scan.started == datetime(2026, 11, 21, 14, 12, 46, tzinfo=UTC)
    assert finding.package == Package("pypi", "django", "4.0.1")
    assert finding.location == Location("api/requirements.txt")
    assert finding.aliases == ("CVE-2022-22818", "pyup.io-44742")
    assert (finding.rated.level, finding.rated.said, finding.rated.score) == (Level.MEDIUM, "MEDIUM", 6.1)
    assert finding.fixed_in == ("3.2.12", "4.0.2")
    assert finding.published == datetime(2022, 2, 3, tzinfo=UTC)
    assert finding.url == "https://pyup.io/v/44742/f17"


@pytest.mark.parametrize(
    ("severity", "level", "source"),
    [
        (None, Level.UNKNOWN, "the scanner gives no severity"),
        ({"cvssv3": None, "cvssv2": {"base_score": 7.5}}, Level.HIGH, "cvssv2 base_score"),
        ({"cvssv3": {"vector_string": VECTOR}}, Level.MEDIUM, "cvssv3 vector"),
        ({"cvssv3": {"base_severity": "strange"}}, Level.UNKNOWN, "the scanner gives no severity"),
    ],
)
def test_severity_is_what_cvss_gives(severity: object, level: Level, source: str) -> None:
    (finding,) = scanned(READER, a_check({**DJANGO, "severity": severity})).findings
    assert finding.rated.level is level
    assert finding.rated.source == source


def test_a_cve_may_be_an_object_with_a_name() -> None:
    (finding,) = scanned(READER, a_check({**DJANGO, "CVE": {"name": "CVE-2022-1"}, "published_date": None})).findings
    assert (finding.aliases, finding.published) == (("pyup.io-44742",), None)
    (finding,) = scanned(READER, a_check({**DJANGO, "CVE": {"name": "cve-2022-23833"}})).findings
    assert finding.aliases[0] == "CVE-2022-23833"


def test_what_was_found_installed_stands_in_no_file() -> None:
    report = a_check(DJANGO)
    report["report_meta"]["scan_target"] = "environment"
    (finding,) = scanned(READER, report).findings
    assert finding.location is None


def test_the_only_file_that_was_scanned_holds_the_package() -> None:
    (finding,) = scanned(READER, a_check(DJANGO, affected_packages={})).findings
    assert finding.location == Location("requirements.txt")


def test_ignored_vulnerabilities_are_counted_and_set_aside() -> None:
    scan = scanned(READER, a_check(DJANGO, ignored=({**DJANGO, "ignored": True}, UNPINNED)))
    assert (scan.records, scan.suppressed) == (3, 2)
    assert [finding.suppressed for finding in scan.findings] == [
        "",
        "ignored by Safety's policy or options",
        "ignored due to the 'ignore-unpinned-requirements' flag",
    ]
    assert scan.notes == ("1 vulnerabilities of packages that are not pinned are ignored",)
    assert scan.complete


def test_counts_that_disagree_and_an_empty_environment_are_noted() -> None:
    meta = {**a_check()["report_meta"], "packages_found": 0, "vulnerabilities_found": 4}
    scan = scanned(READER, a_check(DJANGO, DJANGO, report_meta=meta | {"vulnerabilities_found": 1}))
    assert scan.notes == ("no package was found to audit", "report_meta counts 1 vulnerabilities, and it lists 2")
    assert scan.complete


def test_vulnerabilities_that_are_counted_and_not_listed_are_a_gap() -> None:
    meta = {**a_check()["report_meta"], "vulnerabilities_found": 4}
    assert scanned(READER, a_check(report_meta=meta)).gaps == ("report_meta counts 4 vulnerabilities, and it lists 0",)


def test_a_scan_of_version_3_is_read() -> None:
    scan = scanned(READER, a_scan(of_the_scan()))
    (finding,) = scan.findings
    assert (scan.version, scan.format) == ("3.2.4", "safety-3")
    assert scan.started == datetime(2026, 11, 21, 5, 35, 11, tzinfo=UTC)
    assert finding.package == Package("pypi", "django", "4.0.1")
    assert finding.location == Location("api/requirements.txt")
    assert finding.fixed_in == ("4.0.4", "3.2.12")
    assert (finding.rated.level, finding.message) == (Level.UNKNOWN, "44742 in django 4.0.1")
    assert finding.suppressed == ""


@pytest.mark.parametrize(
    ("ignored", "reason", "notes"),
    [
        ({"code": "manual", "reason": "no use", "expires": "2027-01-01"}, "manual: no use (until 2027-01-01)", 0),
        ({"code": "unpinned_specification", "reason": None, "expires": None}, "unpinned_specification", 1),
        (True, "ignored", 0),
    ],
)
def test_an_ignored_vulnerability_of_version_3_is_set_aside(ignored: object, reason: str, notes: int) -> None:
    scan = scanned(READER, a_scan(of_the_scan(ignored=ignored)))
    assert (scan.findings[0].suppressed, len(scan.notes)) == (reason, notes)


def test_files_of_a_whole_system_are_read_and_projects_without_any_are_gaps() -> None:
    report = a_scan()
    files = a_scan(of_the_scan())["scan_results"]["projects"][0]["files"]
    report["scan_results"] = {"files": files, "projects": [{"id": "shop", "upload_request_id": "1"}, {}]}
    scan = scanned(READER, report)
    assert scan.records == 1
    assert scan.gaps == (
        "holds no results of the project shop",
        "holds no results of the project without an id",
    )


BANNER = "\n\n+=====+\n\nDEPRECATED: this command (`check`) has been DEPRECATED.\n\n"
WARNING = "Warning: unpinned requirement 'requests' found in ./requirements.txt, unable to check.\n"


@pytest.mark.parametrize("indent", [4, None])
@pytest.mark.parametrize("report", [a_check(DJANGO), a_scan(of_the_scan()), [LEGACY]])
@pytest.mark.parametrize("before", [BANNER, "[notice] there is a new pip\n[LOG] {}\n"])
def test_text_before_the_json_is_named(before: str, report: object, indent: int | None) -> None:
    if before.startswith("[") and isinstance(report, list):
        before = f"A log\n{before}"
    scan = scanned(READER, f"{before}{json.dumps(report, indent=indent)}\n")
    assert scan.records == 1
    assert scan.complete
    assert len(scan.notes) == 1
    assert scan.notes[0].startswith("text around the JSON was passed over: ")


@pytest.mark.parametrize("indent", [4, None])
def test_text_after_the_json_is_named(indent: int | None) -> None:
    scan = scanned(READER, f"{json.dumps(a_check(DJANGO), indent=indent)}\n\n{BANNER}")
    assert scan.records == 1
    assert scan.notes == (
        "text around the JSON was passed over: DEPRECATED: this command (`check`) has been DEPRECATED.",
    )


@pytest.mark.parametrize(
    ("said", "gap"),
    [
        ("Error: connection reset\n", "Safety failed: Error: connection reset"),
        ("Unhandled exception happened: no key\n", "Safety failed: Unhandled exception happened: no key"),
        ("Traceback (most recent call last):\n  File a\nKeyError: 'x'\n", "Safety crashed with KeyError: 'x'"),
    ],
)
def test_a_failure_that_the_text_around_the_json_tells_of_is_a_gap(said: str, gap: str) -> None:
    report = json.dumps(a_check(DJANGO), indent=4)
    for content in (f"{said}{report}", f"{report}\n{said}"):
        scan = scanned(READER, content)
        assert (scan.records, scan.gaps) == (1, (gap,))


def test_lines_around_the_json_may_be_blank() -> None:
    assert scanned(READER, f"---\n{json.dumps(a_check())}\n---").notes == ()


def test_a_requirement_that_was_not_checked_is_a_gap() -> None:
    scan = scanned(READER, WARNING + json.dumps(a_check(DJANGO), indent=4))
    assert scan.gaps == ("did not audit requests: it is not pinned in requirements.txt",)


def test_lines_are_counted_from_the_top_of_the_file() -> None:
    text = BANNER + '{\n"report_meta": {},\n"vulnerabilities": [}\n'
    assert refused(READER, text).line == BANNER.count("\n") + 3


def test_a_report_that_is_cut_is_refused() -> None:
    text = json.dumps(a_check(DJANGO), indent=4)
    assert "truncated" in refused(READER, text[: len(text) // 2]).reason


@pytest.mark.parametrize("said", ["safety failed", {"a": 1}, None])
def test_what_a_pipeline_writes_when_safety_fails_is_no_clean_report(said: object) -> None:
    words = said if isinstance(said, str) else "no reason"
    assert refused(READER, {"vulnerabilities": [], "error": said}).reason == (
        f"is no report but what stands for one that failed: {words}"
    )


@pytest.mark.parametrize(
    "report",
    [
        "Traceback (most recent call last):\n  File",
        "text\n{}\n[]\n",
        [],
        [{}],
        [[{"a": 1}]],
        [[[1]]],
        {"vulnerabilities": []},
        {"meta": {}},
        b"",
    ],
)
def test_other_documents_are_not_recognised(report: object) -> None:
    assert not READER.recognises(a_document(report))


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (a_check() | {"vulnerabilities": {}}, "`vulnerabilities` is no list"),
        (a_check() | {"vulnerabilities": None}, "`vulnerabilities` is no list"),
        (a_check(ignored=None), "`ignored_vulnerabilities` is no list"),
        (a_check(DJANGO, 1), "`vulnerabilities[1]` is no object"),
        (a_check({**DJANGO, "package_name": 1.5, "vulnerability_id": None}), "`vulnerabilities[0]` has no"),
        ({"report_meta": {}}, "has no `vulnerabilities`"),
        ([LEGACY, LEGACY[:3]], "`[1]` is no list of package"),
        ([LEGACY, [*LEGACY[:4], 1]], "`[1]` is no list of package"),
        ({"meta": {}, "scan_results": {}}, "has no `projects`"),
        ({"meta": {}, "scan_results": {"projects": None}}, "`projects` is no list"),
        ({"meta": {}, "scan_results": {"projects": {}}}, "`scan_results.projects` is no list"),
        ({"meta": {}, "scan_results": {"files": [{"location": "a"}]}}, "`scan_results.files[0].results` is no object"),
        (a_scan(of_the_scan(identifier="")), "a vulnerability of django in api/requirements.txt has no id"),
    ],
)
def test_a_report_of_another_shape_is_refused_naming_the_field(report: object, reason: str) -> None:
    assert refused(READER, report).reason.startswith(reason)


@settings(max_examples=80)
@given(
    data=mutants(
        [LEGACY, [*LEGACY, None, {"base_score": 1}]], a_check(DJANGO, ignored=(UNPINNED,)), a_scan(of_the_scan())
    )
)
def test_whatever_a_report_holds_it_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses(READER, data)


@settings(max_examples=50)
@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_whatever_stands_around_a_report_no_finding_is_lost_in_silence(before: str, after: str) -> None:
    document = a_document(f"{before}\n{json.dumps(a_check(DJANGO), indent=4)}\n{after}".encode("utf-8", "replace"))
    if not READER.recognises(document):
        return
    try:
        (scan,) = READER.read(document)
    except Unreadable:
        return
    assert scan.records == 1


@pytest.mark.parametrize("entry", corpus("safety"))
def test_the_corpus_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    holds_to_the_corpus(READER, entry, {"MEDIUM": "medium", "NONE": "unknown"})


@pytest.mark.parametrize("entry", produced("safety", "safety1", "safety2"))
def test_what_safety_really_wrote_is_read_as_it_was_counted(entry: dict[str, Any]) -> None:
    scan = read_produced(entry)
    if entry["kind"] == "crashed" or entry["file"] == "safety1/clean.json":
        # An error in words, and the empty list of which nothing tells who wrote it.
        assert scan is None
        return
    assert isinstance(scan, Scan)
    assert scan.records - scan.suppressed == entry["records"]
    assert scan.complete == (entry["kind"] != "partial")
    if entry["file"].startswith("safety2") and not scan.suppressed:
        assert levels(scan).get("unknown", 0) == entry["by_severity"].get("absent", 0)
