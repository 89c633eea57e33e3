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
from security_report_aggregator.readers.gitleaks import READER

LEAK_8 = {
    "RuleID": "generic-api-key",
    "Description": "Generic API Key",
    "StartLine": 21,
    "EndLine": 21,
    "StartColumn": 10,
    "EndColumn": 46,
    "Match": "apikey = 'not-a-real-key'",
    "Secret": "not-a-real-key",
    "File": "./tests\\api.py",
    "Commit": "69235ea9ea4d59e18e2cc3c295526de46aa1365c",
    "Message": "adds not-a-real-key",
    "Tags": ["key"],
    "Fingerprint": "69235ea9:tests/api.py:generic-api-key:21",
}
LEAK_7 = {
    "line": "key: not-a-real-key",
    "lineNumber": 13,
    "offender": "not-a-real-key",
    "commit": "6d127980966808f7413935678e079dcd7fedf9c2",
    "rule": "AWS Access Key",
    "file": "a/b.yml",
    "tags": "key, AWS",
}


@pytest.mark.parametrize(("path", "records"), real("gitleaks"))
def test_every_real_report_gives_the_number_of_its_records(path: Path, records: int) -> None:
    document = opened(path)
    (reader,) = [reader for reader in (READER, EMPTY) if reader.recognises(document)]
    (scan,) = reader.read(document)
    assert (scan.tool, scan.records, scan.complete) == ("gitleaks", records, True)


def test_a_leak_of_version_8_says_where_it_is_and_not_what() -> None:
    finding = finding_of(READER, [LEAK_8])
    assert (finding.category, finding.rule.id, finding.rule.tags) == (Category.SECRET, "generic-api-key", ("key",))
    assert finding.location == Location("tests/api.py", 21, 10, 21, 46)
    assert finding.rated.level is Level.UNKNOWN
    assert "69235ea9ea4d" in finding.message
    assert "not-a-real-key" not in repr(finding)


def test_a_leak_of_version_7_is_read_alike_and_is_the_same_secret() -> None:
    finding = finding_of(READER, [LEAK_7])
    assert finding.location == Location("a/b.yml", 13)
    assert finding.rule.tags == ("key", "AWS")
    assert finding.secret == finding_of(READER, [LEAK_8]).secret != ""
    assert "not-a-real-key" not in repr(finding)


@pytest.mark.parametrize("shown", ["REDACTED", "", "***", "not-a...", "REDACTEDJ", None, 7])
def test_secrets_that_the_report_hides_are_never_equal_to_each_other(shown: object) -> None:
    assert finding_of(READER, [LEAK_8 | {"Secret": shown}]).secret == ""


def test_two_redacted_leaks_of_one_rule_stay_two() -> None:
    assert scan_of(READER, [LEAK_7 | {"offender": "REDACTED"}, LEAK_7 | {"offender": "REDACTED"}]).records == 2


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ([LEAK_8, {**LEAK_8, "File": None}], "without `RuleID` or `File`"),
        ([LEAK_7, {**LEAK_7, "rule": ["x"]}], "without `rule` or `file`"),
        ([LEAK_8, "text"], "`[1]` is no object"),
        ([LEAK_8, [LEAK_8]], "`[1]` is no object"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_and_not_lost(report: object, reason: str) -> None:
    assert reason in refusal_of(READER, report)


@pytest.mark.parametrize("other", [[], {"runs": []}, [{"rule": {"id": 1}}], [{"offender": 1}], {"RuleID": "x"}])
def test_other_documents_are_not_taken_for_gitleaks(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([[LEAK_8, LEAK_8], [LEAK_7]]))
@settings(max_examples=50)
def test_damage_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
