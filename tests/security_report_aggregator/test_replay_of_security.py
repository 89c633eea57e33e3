"""A policy held against the recorded commits, before it is made the rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.judged_made import a_policy, at, found

from actionkit.outcome import Verdict
from security_report_aggregator import gate
from security_report_aggregator.model import Category, Level, Weakness
from security_report_aggregator.record import IndexEntry, counts_of
from security_report_aggregator.replay import replay

PASS, FAIL, INCOMPLETE = Verdict.PASS, Verdict.FAIL, Verdict.INCOMPLETE
SECONDS = 1_790_000_000.0


def recorded(number: int, verdict: str = "pass", **counts: dict[Level, int]) -> IndexEntry:
    of = {Category(name): levels for name, levels in counts.items()}
    return IndexEntry(f"{number:040x}", SECONDS + number, verdict, of)


@pytest.mark.parametrize(
    ("policy", "verdict", "why"),
    [
        ("", FAIL, "2 high, 1 unknown"),
        ("fail_on: critical\nfail_on_unknown: false", PASS, ""),
        ("fail_on: medium\nfail_on_unknown: false", FAIL, "2 high, 3 medium"),
        ("fail_on_unknown: false\nlimits: {high: 2}", PASS, ""),
        ("fail_on_unknown: false\nlimits: {high: 1}", FAIL, "2 high > 1"),
        ("fail_on: none\nlimits: {code: {medium: 1}}", FAIL, "2 medium code > 1"),
        ("fail_on: none\nlimits: {medium: 1, code: {medium: 2}}", PASS, ""),
        ("fail_on: none\nlimits: {total: 5}", FAIL, "6 in all > 5"),
        ("fail_on: none\nmin_score: 69", FAIL, "score 68 < 69"),
        ("fail_on: none\nmin_score: 68", PASS, ""),
        ("min_score: 69", FAIL, "2 high, 1 unknown, score 68 < 69"),
    ],
)
def test_counts_are_held_against_levels_limits_and_the_score(policy: str, verdict: Verdict, why: str) -> None:
    entry = recorded(
        1, code={Level.HIGH: 1, Level.MEDIUM: 2}, dependency={Level.HIGH: 1, Level.MEDIUM: 1, Level.UNKNOWN: 1}
    )
    (row,) = replay([entry], a_policy(policy)).rows
    assert (row.verdict, row.why) == (verdict, why)
    assert (row.sha, row.counts) == (entry.sha, "2 high, 3 medium, 1 unknown")
    assert row.recorded_at == "2026-09-21"


def test_a_run_that_was_incomplete_is_never_called_passed_but_may_have_failed() -> None:
    held = replay(
        [recorded(2, "incomplete"), recorded(1, "incomplete", code={Level.HIGH: 1}), recorded(3, "fail")], a_policy()
    )
    assert [(row.verdict, row.why, row.counts) for row in held.rows] == [
        (PASS, "", "no finding"),
        (INCOMPLETE, "its own run was incomplete", "no finding"),
        (FAIL, "1 high", "1 high"),
    ]
    assert held.summary == "of 3 recorded commits 1 would have passed, 1 failed, 1 could not be judged"


def test_what_the_history_cannot_answer_is_named() -> None:
    policy = a_policy(
        "only_new: true\nexpected: trivy\ndependency_age: 3d\nlicenses: {deny: [GPL-3.0-only]}\n"
        "waivers: [{id: CVE-1, until: 2027-01-01, reason: x}]"
    )
    held = replay([], policy)
    assert held.not_replayed == (
        "waivers other than those of the time",
        "licences",
        "dependency age",
        "what was new",
        "expected scanners",
    )
    assert held.summary == (
        "of 0 recorded commits 0 would have passed, 0 failed, 0 could not be judged; not replayed: waivers other than "
        "those of the time, licences, dependency age, what was new, expected scanners"
    )


def test_a_time_that_no_calendar_has_is_left_out() -> None:
    (row,) = replay([IndexEntry("a" * 40, 1e30, "pass")], a_policy()).rows
    assert row.recorded_at == ""


WEAK = st.builds(at, st.sampled_from(Level), st.integers(0, 9), st.sampled_from(Category))


@settings(max_examples=50, deadline=None)
@given(st.lists(WEAK, max_size=9, unique_by=lambda one: one.id), st.sampled_from(
    ["", "fail_on: low", "limits: {high: 1, total: 4, code: {high: 2}}", "min_score: 60", "fail_on: none"]
))  # fmt: skip
def test_a_replay_says_what_the_gate_said(weaknesses: list[Weakness], text: str) -> None:
    policy = a_policy(text)
    said = gate.decide(found(*weaknesses), policy).verdict
    (row,) = replay([IndexEntry("a" * 40, SECONDS, "fail", counts_of(weaknesses))], policy).rows
    assert row.verdict is said
