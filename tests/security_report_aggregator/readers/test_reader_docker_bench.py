from __future__ import annotations

from pathlib import Path

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

from security_report_aggregator.model import Category, Level
from security_report_aggregator.readers.docker_bench import READER

CHECK = {
    "id": "5.2",
    "desc": "Ensure that SELinux options are set",
    "result": "WARN",
    "details": "Containers with no SecurityOptions: shop_1",
    "items": ["shop_1", "shop_2"],
    "remediation": "Set the SELinux State.",
}


def report(*results: object, **more: object) -> dict[str, object]:
    tests = [{"id": "5", "desc": "Container Runtime", "results": list(results)}]
    return {"dockerbenchsecurity": "1.3.6", "start": 1659371395, "tests": tests, "score": 6, **more}


@pytest.mark.parametrize(("path", "records"), real("docker-bench"))
def test_every_real_report_gives_the_number_of_its_records(path: Path, records: int) -> None:
    (scan,) = READER.read(opened(path))
    assert (scan.tool, scan.version, scan.records, scan.complete) == ("docker-bench", "1.3.6", records, True)


def test_a_failed_check_says_what_is_wrong_with_which_containers() -> None:
    scan = scan_of(READER, report(CHECK))
    (finding,) = scan.findings
    assert (finding.category, finding.rule.id, finding.resource) == (Category.CONTAINER, "5.2", "shop_1, shop_2")
    assert finding.rule.description == "Set the SELinux State."
    assert finding.message == f"{CHECK['desc']}: {CHECK['details']}"
    assert finding.location is not None
    assert not finding.location.is_file
    assert scan.started is not None
    assert scan.started.isoformat() == "2022-08-01T16:29:55+00:00"


@pytest.mark.parametrize(
    ("result", "level"), [("WARN", Level.MEDIUM), ("FAIL", Level.HIGH), ("PASS", None), ("INFO", None), ("NOTE", None)]
)
def test_only_checks_that_fail_are_findings(result: str, level: Level | None) -> None:
    findings = scan_of(READER, report(CHECK | {"result": result})).findings
    assert [finding.rated for finding in findings] == ([(level, result, "result", None)] if level else [])


def test_a_run_without_any_check_is_incomplete() -> None:
    assert scan_of(READER, report(tests=[])).gaps == ("ran no check",)


def test_a_result_that_nobody_knows_is_a_finding_of_unknown_severity() -> None:
    finding = finding_of(READER, report(CHECK | {"result": "CRIT"}))
    assert (finding.rated.level, finding.rated.said) == (Level.UNKNOWN, "CRIT")


def test_a_check_without_details_has_its_name_as_message() -> None:
    assert finding_of(READER, report({"id": "1", "desc": "Name", "result": "WARN"})).message == "Name"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (report(tests={}), "`tests` is no list"),
        (report(tests=[{"id": "5", "desc": "Container Runtime"}]), "has no results of test 5"),
        (report(tests={"a": 1}), "is no list"),
        (report(tests=None), "has no list of `tests`"),
        (report(tests=["x"]), "is no object"),
        (report(tests=[{"id": "5", "results": 7}]), "`results of test 5` is no list"),
        (report(CHECK, "x"), "is no object"),
        (report(CHECK | {"result": None}), "without `id` or `result`"),
        (report({"result": "PASS"}), "without `id` or `result`"),
    ],
)
def test_what_is_not_as_the_format_says_is_refused_and_not_lost(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize("other", [[], {"tests": []}, {"dockerbenchsecurity": "1"}, [{"dockerbenchsecurity": 1}]])
def test_other_documents_are_not_taken_for_docker_bench(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([report(CHECK, CHECK)]))
@settings(max_examples=50)
def test_damage_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
