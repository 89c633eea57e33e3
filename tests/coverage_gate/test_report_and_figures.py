"""The outcome holds what the contract promises, and the outputs are made from it alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from tests.coverage_gate.made import a_diff, a_file, a_policy, a_report, a_share, a_suite, changed, evidence
from tests.coverage_gate.told import BASE, HEAD, INDEX, told

from actionkit import envelope, outputs
from actionkit.outcome import Outcome, Problem, Severity, Verdict
from coverage_gate import baseline, delta, figures, gate, report
from coverage_gate.action import ACTION
from coverage_gate.baseline import Index, IndexEntry
from coverage_gate.drift import Drift
from coverage_gate.evidence import Evidence
from coverage_gate.model import Counts, FileCoverage, Totals
from coverage_gate.replay import replay

DATA = told().data


def outcome(given: Evidence, *, index: Index = Index(), drift: Drift | None = None, **policy: Any) -> Outcome:
    change = None
    if given.baseline is not None and given.diff is not None:
        change = delta.attribute(given.baseline, given.overall.files, given.diff)
    judgement = gate.decide(given, a_policy(**policy), change)
    return report.outcome(
        judgement, given, delta=change, drift=drift, path_to_green=(), index=index, action="coverage-gate"
    )


def test_every_key_of_the_contract_is_there() -> None:
    assert {"suites", "patch", "baseline", "delta", "tests", "unmatched_paths"} <= DATA.keys()
    counts = {"lines_covered", "lines_total", "branches_covered", "branches_total"}
    for suite in DATA["suites"]:
        assert {"name", "reports", *counts} <= suite.keys()
        for one in suite["reports"]:
            assert {"path", "format", "complete", "reason", *counts} <= one.keys()
    assert {"lines_covered", "lines_total", "files"} <= DATA["patch"].keys()
    assert DATA["patch"]["files"] == [
        {"path": "src/cart.py", "lines_covered": 1, "lines_total": 2, "missing": [[11, 11]]}
    ]
    assert {"sha", "tool", "version", "lines_covered", "lines_total"} <= DATA["baseline"].keys()
    assert list(DATA["delta"]) == ["added", "deleted", "moved", "newly_uncovered", "base_drift"]
    assert DATA["tests"] == {"tests": 12, "passed": 10, "failed": 1, "errors": 0, "skipped": 1, "flaky": 0}


def test_the_whole_outcome_follows_the_published_schema() -> None:
    jsonschema.Draft202012Validator(envelope.schema()).validate(json.loads(envelope.dump(told())))


def test_the_five_parts_add_up_to_the_change_of_line_coverage() -> None:
    points = DATA["delta_detail"]["points"]
    assert round(sum(DATA["delta"].values()), 2) == points == -30.16
    parts = DATA["delta_detail"]["parts"].values()
    assert sum(part["covered"] for part in parts) == 5 - 6


def test_unreadable_reports_are_in_their_suite_with_the_reason() -> None:
    (broken,) = [one for one in DATA["suites"][1]["reports"] if not one["complete"]]
    assert (broken["path"], broken["reason"], broken["lines_total"]) == ("broken.json", "is truncated", 0)


def test_statements_stand_beside_lines_where_a_format_has_them() -> None:
    made = outcome(evidence(a_report(a_share("a.go", 1, 2), kind="go", statements=Counts(3, 4))))
    (one,) = made.data["suites"][0]["reports"]
    assert (one["statements_covered"], one["statements_total"]) == (3, 4)


def test_each_stretch_of_uncovered_changed_lines_is_one_warning_there_the_longest_first() -> None:
    cart = a_file("src/cart.py", [5], [1, 2, 3, 9])
    given = evidence(a_report(cart), diff=a_diff(changed("src/cart.py", [1, 2, 3, 5, 9])))
    warned = [one for one in outcome(given).problems if one.title == "Changed lines are not covered"]
    assert [(one.path, one.line, one.end_line, one.severity) for one in warned] == [
        ("src/cart.py", 1, 3, Severity.WARNING),
        ("src/cart.py", 9, 9, Severity.WARNING),
    ]
    assert warned[0].message == "lines 1 to 3 are changed here and not covered by any test"
    assert warned[1].message == "line 9 is changed here and not covered by any test"


def test_without_a_diff_the_patch_says_why_and_lists_nothing() -> None:
    made = outcome(evidence(a_report(a_share("a.py", 1, 2)), why_no_diff="a shallow clone"))
    assert made.data["patch"] == {
        "lines_covered": 0,
        "lines_total": 0,
        "files": [],
        "unknown": [],
        "why_none": "a shallow clone",
    }
    assert (made.data["delta"], made.data["delta_detail"], made.data["baseline"], made.data["tests"]) == (None,) * 4


def test_files_whose_change_is_unknown_are_listed_with_the_reason() -> None:
    diff = a_diff(changed("a.py", known=False))
    made = outcome(evidence(a_report(a_share("a.py", 1, 2)), diff=diff))
    ((unknown),) = made.data["patch"]["unknown"]
    assert unknown["path"] == "a.py"
    assert unknown["reason"]


def test_what_measurement_alone_moved_is_a_note_and_in_the_data() -> None:
    from fractions import Fraction

    moved = Drift(Fraction(-13, 10), Fraction(80), Fraction(787, 10), "7.4 -> 7.6 moves it: not your change.")
    made = outcome(evidence(a_report(a_share("a.py", 1, 2))), drift=moved)
    assert made.data["drift"] == {"points": -1.3, "sentence": moved.sentence}
    assert made.problems[-1] == Problem(moved.sentence, severity=Severity.NOTICE, title="Measured differently")


# What later runs are compared with


def test_a_record_is_made_of_complete_evidence_of_a_known_commit_only() -> None:
    whole = evidence(a_report(a_share("a.py", 1, 2)), head_sha=HEAD)
    assert baseline.load(json.dumps(outcome(whole).data["record"]).encode()).lines == Counts(1, 2)
    assert outcome(replace(whole, head_sha="")).data["record"] is None
    assert told().data["record"] is None


def test_the_record_names_the_largest_reports_tool_and_when_it_was_measured() -> None:
    small = a_report(a_share("a.py", 1, 2), path="a.json", version="7.0", measured_at=5.0)
    large = a_report(a_share("b.py", 1, 9), path="b.json", version="7.6", measured_at=9.0)
    kept = report.record_of(evidence(small, large, head_sha=HEAD, head_committed_at=1.0))
    assert (kept.tool, kept.version, kept.measured_at) == ("coverage.py", "7.6", 9.0)
    assert (kept.reports, list(kept.suites)) == ({"default": 2}, ["default"])
    undated = evidence(a_report(a_share("a.py", 1, 2)), head_sha=HEAD, head_committed_at=1.0)
    assert report.record_of(undated).measured_at == 1.0
    nothing = report.record_of(evidence(head_sha=HEAD))
    assert (nothing.tool, nothing.measured_at, report.main_tool(evidence())) == ("", 0.0, ("", "", ""))


def test_files_with_totals_only_have_no_lines_to_record() -> None:
    bare = FileCoverage("a.py", summary=Totals(Counts(1, 2)))
    kept = report.record_of(evidence(a_report(bare, a_share("b.py", 1, 2)), head_sha=HEAD))
    assert list(kept.files) == ["b.py"]
    assert kept.lines == Counts(2, 4)


def test_the_index_gets_a_line_of_totals() -> None:
    entry = report.entry_of(
        report.record_of(evidence(a_report(a_share("a.py", 1, 2)), head_sha=HEAD)), "fine", 7.0, [BASE]
    )
    assert (entry.sha, entry.lines, entry.headline, entry.recorded_at, entry.parents) == (
        HEAD, Counts(1, 2), "fine", 7.0, (BASE,)
    )  # fmt: skip


def test_the_trend_ends_with_this_run_once_and_is_empty_without_a_history() -> None:
    given = evidence(a_report(a_share("a.py", 1, 2)), head_sha=HEAD)
    assert outcome(given).data["trend"] == []
    assert outcome(replace(given, head_sha=""), index=INDEX).data["trend"] == []
    known = Index((IndexEntry(HEAD, 9.0, Counts(9, 9)), *INDEX.entries))
    points = outcome(given, index=known).data["trend"]
    assert [point["sha"] for point in points] == ["3" * 40, "2" * 40, "1" * 40, HEAD]
    assert points[-1]["lines_covered"] == 1


def test_a_replay_judges_no_run_and_says_what_it_cannot_answer() -> None:
    policy = a_policy(fail_under=72, fail_under_patch=90)
    made = report.replayed(replay(INDEX.entries, policy), "coverage-gate")
    assert made.verdict is Verdict.PASS
    assert made.headline == "of 3 recorded commits 2 would have passed, 1 failed, 0 could not be judged"
    assert [row["verdict"] for row in made.data["replay"]["rows"]] == ["fail", "pass", "pass"]
    (note,) = made.problems
    assert note.severity is Severity.NOTICE
    assert "patch" in note.message


def test_a_badge_and_more_problems_are_added_to_what_is_there() -> None:
    made = outcome(evidence(a_report(a_share("a.py", 1, 2))))
    assert report.with_badge(made, "") is made
    assert report.with_badge(made, "b.svg").data == {**made.data, "badge": "b.svg"}
    extra = Problem("more")
    assert report.with_problems(made, extra).problems == (*made.problems, extra)


# Outputs


def texts(outcome: Outcome) -> dict[str, str]:
    return outputs.texts(ACTION, outcome, "outcome.json")


def test_outputs_are_the_figures_of_the_outcome() -> None:
    assert texts(told()) == {
        "verdict": "incomplete",
        "headline": told().headline,
        "outcome": "outcome.json",
        "line-coverage": "55.55",
        "branch-coverage": "",
        "patch-coverage": "50.00",
        "lines-covered": "5",
        "lines-total": "9",
        "branches-covered": "0",
        "branches-total": "0",
        "line-coverage-delta": "-30.16",
        "comment-url": "https://github.com/org/shop/pull/7#issuecomment-1",
        "badge": "out/coverage.svg",
    }


def test_what_was_not_measured_is_an_empty_output() -> None:
    empty = texts(replace(told(), data={}, links=()))
    assert {name for name, text in empty.items() if text} == {"verdict", "headline", "outcome"}


@given(st.integers(1, 10**6).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_percentage_is_rounded_down_and_never_over_what_it_is(counts: tuple[int, int]) -> None:
    covered, total = counts
    shown = figures.share("totals", "lines")(
        replace(told(), data={"totals": {"lines_covered": covered, "lines_total": total}})
    )
    hundredths = int(shown.replace(".", ""))
    assert hundredths * total <= covered * 10_000 < (hundredths + 1) * total
    assert (shown == "100.00") == (covered == total)


def test_two_suites_share_nothing_but_the_whole() -> None:
    given = evidence(
        a_suite(a_report(a_share("a.py", 1, 2), path="a.json"), name="unit"),
        a_suite(a_report(a_share("b.py", 2, 2), path="b.json"), name="slow"),
    )
    assert texts(outcome(given))["line-coverage"] == "75.00"
    assert [suite["lines_covered"] for suite in outcome(given).data["suites"]] == [1, 2]
