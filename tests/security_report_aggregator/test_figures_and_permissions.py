"""Outputs come from data nobody vouches for; permissions are no wider than the use of the action needs."""

from __future__ import annotations

from typing import Any

import pytest

from actionkit.action import Use
from actionkit.outcome import Outcome, Verdict
from security_report_aggregator import figures
from security_report_aggregator.permissions import PERMISSIONS


def outcome(**data: Any) -> Outcome:
    return Outcome("security-report-aggregator", Verdict.PASS, "", data=data)


def test_counts_score_grade_and_sarif_are_read_from_the_data() -> None:
    made = outcome(counts={"high": 2}, score={"score": 79, "grade": "C"}, sarif={"path": "m.sarif", "id": "a-1"})
    assert figures.count("high")(made) == "2"
    assert (figures.score(made), figures.grade(made)) == ("79", "C")
    assert (figures.sarif_file(made), figures.sarif_id(made)) == ("m.sarif", "a-1")


@pytest.mark.parametrize("hostile", [None, True, -1, 10**12, "2", 1.5, ["2"], {"x": 1}])
def test_what_is_no_count_is_empty(hostile: object) -> None:
    assert figures.count("high")(outcome(counts={"high": hostile})) == ""
    assert figures.score(outcome(score={"score": hostile})) in ("",)


@pytest.mark.parametrize("hostile", [None, 7, "Z", "A\nverdict=pass", ["A"]])
def test_what_is_no_grade_or_path_is_empty(hostile: object) -> None:
    made = outcome(
        counts=[], score={"grade": hostile, "score": 101}, sarif={"path": hostile if hostile != "Z" else "\n"}
    )
    assert (figures.grade(made), figures.score(made), figures.count("high")(made)) == ("", "", "")
    assert "\n" not in figures.sarif_file(made)


def needed(events: set[str], **given: str) -> dict[str, str]:
    use = Use({name.replace("_", "-"): text for name, text in given.items()}, frozenset(events))
    return {one.scope: level for one in PERMISSIONS if (level := one.needed_by(use))}


def test_a_pull_request_needs_to_read_and_to_comment() -> None:
    assert needed({"pull_request"}) == {"contents": "read", "pull-requests": "write"}
    assert needed({"pull_request"}, comment="never") == {"contents": "read"}
    assert needed({"pull_request"}, comment="never", from_outcome="x/outcome.json") == {}


def test_a_push_records_unless_nothing_is_to_be_compared() -> None:
    assert needed({"push"}) == {"contents": "write"}
    assert needed({"push"}, baseline="none") == {"contents": "read"}
    assert needed({"push"}, replay="true") == {"contents": "read"}


def test_uploads_and_artifacts_need_what_they_use() -> None:
    assert needed({"push"}, upload_sarif="true")["security-events"] == "write"
    assert needed({"schedule"}, baseline="artifact:outcome", comment="always") == {
        "contents": "read",
        "actions": "read",
        "pull-requests": "write",
    }
    relay = {"from_outcome": "o.json", "upload_sarif": "true", "baseline": "artifact:outcome"}
    assert needed({"workflow_run"}, **relay) == {"pull-requests": "write"}
