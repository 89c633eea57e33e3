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

from security_report_aggregator.model import Category, Level, Location
from security_report_aggregator.readers.empty import READER as EMPTY
from security_report_aggregator.readers.hadolint import READER

BREACH = {
    "line": 9,
    "code": "DL3008",
    "message": "Pin versions in apt get install",
    "column": 1,
    "file": "shop\\Dockerfile",
    "level": "warning",
}


@pytest.mark.parametrize(("path", "records"), real("hadolint"))
def test_every_real_report_gives_the_number_of_its_records(path: Path, records: int) -> None:
    document = opened(path)
    (reader,) = [reader for reader in (READER, EMPTY) if reader.recognises(document)]
    (scan,) = reader.read(document)
    assert (scan.tool, scan.records, scan.complete) == ("hadolint", records, "broken" not in path.name)


def test_a_breach_says_which_rule_where() -> None:
    finding = finding_of(READER, [BREACH])
    assert (finding.category, finding.rule.id) == (Category.IAC, "DL3008")
    assert finding.rule.help_uri == "https://github.com/hadolint/hadolint/wiki/DL3008"
    assert finding.location == Location("shop/Dockerfile", 9, 1)
    assert finding.message == "Pin versions in apt get install"


def test_rules_of_shellcheck_lead_to_shellcheck() -> None:
    rule = finding_of(READER, [BREACH | {"code": "SC2086"}]).rule
    assert rule.help_uri == "https://www.shellcheck.net/wiki/SC2086"


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("error", Level.HIGH),
        ("warning", Level.MEDIUM),
        ("info", Level.LOW),
        ("style", Level.LOW),
        ("other", Level.UNKNOWN),
        (None, Level.UNKNOWN),
    ],
)
def test_the_level_is_the_severity(word: object, level: Level) -> None:
    rated = finding_of(READER, [BREACH | {"level": word}]).rated
    assert rated.level is level
    assert rated.said == (word or "")


def test_a_dockerfile_that_does_not_parse_was_not_checked() -> None:
    scan = scan_of(READER, [BREACH, BREACH | {"code": "DL1000", "level": "error", "line": 2}])
    assert scan.gaps == ("`shop/Dockerfile` does not parse at line 2: the rest of it was not checked",)
    assert scan.records == 2


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ([BREACH, BREACH | {"code": None}], "without `code` or `file`"),
        ([BREACH, BREACH | {"file": []}], "without `code` or `file`"),
        ([BREACH, 7], "`[1]` is no object"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_and_not_lost(report: object, reason: str) -> None:
    assert reason in refusal_of(READER, report)


@pytest.mark.parametrize("other", [[], BREACH, [BREACH | {"endLine": 9}], [{"code": "x", "file": "y"}]])
def test_other_documents_are_not_taken_for_hadolint(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([[BREACH, BREACH]]))
@settings(max_examples=50)
def test_damage_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
