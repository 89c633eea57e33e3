from __future__ import annotations

import base64
import json
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
from security_report_aggregator.readers.noseyparker import READER

SECRET = "not-a-real-key"
SPAN = {"source_span": {"start": {"line": 16, "column": 17}, "end": {"line": 16, "column": 59}}}
HISTORY = {"commit_metadata": {"commit_id": "0ee84b84c29924b210e3"}, "blob_path": "app/old.py"}
OLD = {
    "type": "finding",
    "rule_name": "Generic API Key",
    "match_content": SECRET,
    "num_matches": 1,
    "matches": [
        {
            "provenance": [
                {"kind": "git_repo", "repo_path": "./.git", "commit_provenance": HISTORY},
                {"kind": "file", "path": "./app/config.py"},
            ],
            "location": SPAN,
            "match_content": SECRET,
            "snippet": {"before": "", "matching": SECRET, "after": ""},
        }
    ],
}
GROUPS = [base64.b64encode(part.encode()).decode() for part in ("an-id", SECRET)]
NEW = {
    "finding_id": "84d871b9",
    "rule_name": "AWS API Credentials",
    "rule_text_id": "np.aws.6",
    "groups": GROUPS,
    "num_matches": 2,
    "statuses": [],
    "matches": [
        {
            "provenance": [{"kind": "git_repo", "first_commit": HISTORY}],
            "location": SPAN,
            "groups": GROUPS,
            "status": None,
        },
        {
            "provenance": [{"kind": "git_repo", "first_commit": HISTORY}],
            "location": SPAN,
            "groups": GROUPS,
            "status": None,
        },
    ],
}


def lines(*records: object) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


@pytest.mark.parametrize(("path", "records"), real("noseyparker"))
def test_every_real_report_gives_the_number_of_its_records(path: Path, records: int) -> None:
    (scan,) = READER.read(opened(path))
    assert (scan.tool, scan.records, scan.complete) == ("noseyparker", records, True)


@pytest.mark.parametrize("report", [lines(OLD), [OLD]])
def test_a_finding_prefers_the_file_to_its_history_and_hides_the_secret(report: object) -> None:
    finding = finding_of(READER, report)
    assert (finding.category, finding.rated.level) == (Category.SECRET, Level.UNKNOWN)
    assert finding.location == Location("app/config.py", 16, 17, 16, 59)
    assert finding.secret == made("").digest(SECRET)
    assert "0ee84b84c299" in finding.message
    assert SECRET not in repr(finding)


@pytest.mark.parametrize("report", [lines(NEW), [NEW]])
def test_since_0_22_the_last_capture_is_the_secret(report: object) -> None:
    finding = finding_of(READER, report)
    assert finding.location == Location("app/old.py", 16, 17, 16, 59)
    assert (finding.rule.id, finding.rule.name) == ("np.aws.6", "AWS API Credentials")
    assert finding.secret == made("").digest(SECRET)
    assert finding.instances == 2
    assert SECRET not in repr(finding)
    assert GROUPS[-1] not in repr(finding)


def test_a_capture_that_is_no_base64_is_no_secret() -> None:
    assert finding_of(READER, [NEW | {"groups": ["%%"]}]).secret == ""


def rejected(count: int, *statuses: str | None) -> dict[str, object]:
    return NEW | {"num_matches": count, "matches": [NEW["matches"][0] | {"status": one} for one in statuses]}  # type: ignore[index]


@pytest.mark.parametrize(
    ("record", "is_suppressed"),
    [
        (rejected(2, "reject", "reject"), True),
        (rejected(2, "reject", None), False),
        (rejected(9, "reject", "reject"), False),
        (OLD | {"status": "reject"}, True),
        (OLD | {"status": "accept"}, False),
    ],
)
def test_only_a_finding_all_whose_matches_are_rejected_is_set_aside(record: object, is_suppressed: bool) -> None:
    assert bool(finding_of(READER, [record]).suppressed) == is_suppressed


@pytest.mark.parametrize("provenance", [None, [], "x", [{"kind": "extended", "data": {}}], [7]])
def test_a_match_from_somewhere_unknown_is_still_a_finding(provenance: object) -> None:
    finding = finding_of(READER, [OLD | {"matches": [{"provenance": provenance}]}])
    assert finding.location is None


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (lines(OLD) + "oops\n", ":2: is no JSON object"),
        (lines(OLD, OLD)[:-9], ":2: ends in the middle"),
        ([OLD, []], "`[1]` is no object"),
        ([OLD | {"matches": "x"}], "`matches` is no list"),
        ([OLD | {"matches": []}], "without `rule_name` or `matches`"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_and_not_lost(report: object, reason: str) -> None:
    assert reason in refusal_of(READER, report)


@pytest.mark.parametrize("other", [[], [{"rule_name": "x"}], {"finding_id": 1}, "finding_id rule_name"])
def test_other_documents_are_not_taken_for_noseyparker(other: object) -> None:
    assert not READER.recognises(made(other))


def test_all_findings_are_counted() -> None:
    assert scan_of(READER, lines(OLD, NEW, OLD)).records == 3


@given(mutated([lines(OLD, NEW).encode(), [OLD, NEW]]))
@settings(max_examples=50)
def test_damage_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
