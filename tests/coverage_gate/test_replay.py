"""A policy held against the history before it is made the rule."""

from __future__ import annotations

from tests.coverage_gate.made import a_policy

from actionkit.outcome import Verdict
from coverage_gate.baseline import IndexEntry
from coverage_gate.model import Counts
from coverage_gate.replay import replay

DAY = 86_400.0
NOON = 1_790_000_000.0


def entry(name: str, covered: int, total: int = 100, *, day: int = 0, **others: object) -> IndexEntry:
    return IndexEntry(name * 40, NOON + day * DAY, Counts(covered, total), **others)  # type: ignore[arg-type]


def test_each_recorded_commit_is_judged_newest_first() -> None:
    told = replay([entry("a", 70), entry("b", 80, day=1), entry("c", 90, day=2)], a_policy(fail_under=80))
    assert [(row.sha[0], row.verdict, row.line) for row in told.rows] == [
        ("c", Verdict.PASS, "90.00 %"),
        ("b", Verdict.PASS, "80.00 %"),
        ("a", Verdict.FAIL, "70.00 %"),
    ]
    assert told.rows[-1].why == "line 70.00 % < 80 %"
    assert told.rows[-1].recorded_at == "2026-09-21"
    assert told.summary == "of 3 recorded commits 2 would have passed, 1 failed, 0 could not be judged"


def test_a_fall_is_held_against_the_parent_or_the_record_before() -> None:
    history = [
        entry("a", 90),
        entry("b", 50, day=1),
        entry("c", 89, day=2, parents=("a" * 40,)),
        entry("d", 80, day=3),
    ]
    told = replay(history, a_policy(max_drop=1))
    assert [row.verdict for row in told.rows] == [Verdict.FAIL, Verdict.PASS, Verdict.FAIL, Verdict.INCOMPLETE]
    assert told.rows[0].why == "line fell 9.00 > 1 points"


def test_suites_and_branches_are_judged_where_they_were_recorded() -> None:
    yaml = "suites: {unit: {reports: [u], fail_under: 50, fail_under_branch: 60}}\nfail_under_branch: 10"
    recorded = {"unit": (Counts(5, 10), Counts(1, 2))}
    told = replay([entry("a", 1, suites=recorded, branches=Counts(1, 2)), entry("b", 1, day=1)], a_policy(yaml))
    assert [row.verdict for row in told.rows] == [Verdict.INCOMPLETE, Verdict.FAIL]
    assert told.rows[1].why == "unit branch 50.00 % < 60 %"
    assert told.rows[1].branch == "50.00 %"


def test_what_the_history_cannot_answer_is_named() -> None:
    yaml = """
fail_under_patch: 1
fail_under_file: 1
new_files: {fail_under: 1}
components: [{name: a, paths: [a], fail_under: 1}]
owners: {"@a": {fail_under: 1}}
"""
    told = replay([], a_policy(yaml, codeowners="* @a\n"))
    assert told.not_replayed == ("patch coverage", "every file's coverage", "new files", "components", "owners")
    assert told.rows == ()
    assert replay([entry("a", 1)], a_policy()).summary.startswith("of 1 recorded commit 1 would")
    assert replay([entry("a", 1)], a_policy()).not_replayed == ()


def test_a_suite_without_thresholds_is_not_missed() -> None:
    assert replay([entry("a", 1)], a_policy("suites: {unit: {reports: [u]}}")).rows[0].verdict is Verdict.PASS


def test_an_impossible_moment_is_left_empty() -> None:
    assert replay([IndexEntry("a" * 40, 1e300, Counts(1, 1))], a_policy()).rows[0].recorded_at == ""
