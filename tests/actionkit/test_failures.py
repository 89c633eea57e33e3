"""What goes wrong is said in one line with its fix, whatever it was."""

from __future__ import annotations

from actionkit import failures, terminal
from actionkit.errors import Complaint, InputError, Interrupted, PermissionNeeded, Unreadable, UsageError
from actionkit.outcome import Fact, Link, Outcome, Problem, Severity, Verdict


def test_every_complaint_becomes_a_problem_and_the_first_the_headline() -> None:
    complaints = [
        Complaint("input `mode`: wrong\nsecond line", "Write `report`."),
        Complaint("b", path="c.yml", line=3),
    ]
    outcome = failures.wrong_usage("sample", UsageError(complaints))
    assert outcome.verdict is Verdict.ERROR
    assert outcome.headline == "input `mode`: wrong (and 1 more)"
    assert [(p.message, p.path, p.line) for p in outcome.problems][1] == ("b", "c.yml", 3)


def test_a_refusal_names_the_permission() -> None:
    outcome = failures.refused("sample", PermissionNeeded("POST comment", "pull-requests: write"))
    assert outcome.verdict is Verdict.ERROR
    assert "lacks `pull-requests: write`" in outcome.headline


def test_unreadable_evidence_is_incomplete_and_names_the_file() -> None:
    outcome = failures.unreadable("sample", Unreadable("a.xml", "is truncated", 7))
    assert (outcome.verdict, outcome.headline) == (Verdict.INCOMPLETE, "a.xml cannot be read")
    assert outcome.problems[0].message == "a.xml:7: is truncated"


def test_an_interrupt_keeps_what_is_known_and_claims_nothing_more() -> None:
    known = Outcome("sample", Verdict.PASS, "all fine", facts=(Fact("line coverage", "80.00", "%"),))
    outcome = failures.interrupted("sample", Interrupted(15), known)
    assert outcome.verdict is Verdict.INCOMPLETE
    assert outcome.headline == "stopped by SIGTERM; so far: all fine"
    assert outcome.facts == known.facts
    assert failures.interrupted("sample", Interrupted(2), None).headline == "stopped by SIGINT"


def test_a_crash_is_one_line_with_a_link_and_its_traceback_apart() -> None:
    try:
        raise KeyError("surprise")
    except KeyError as error:
        outcome, trace = failures.crashed("sample", error)
    assert outcome.headline == "sample crashed (KeyError)"
    assert "issues/new?title=sample+KeyError" in outcome.problems[0].fix
    assert "Traceback" not in outcome.problems[0].message
    assert "surprise" in trace


def test_an_input_error_says_what_is_accepted() -> None:
    assert str(InputError("`x` is no number", "0 to 100")) == "`x` is no number; accepted: 0 to 100"


def test_the_terminal_shows_verdict_facts_problems_and_links() -> None:
    outcome = Outcome(
        "sample",
        Verdict.FAIL,
        "line coverage is low",
        facts=(
            Fact("line coverage", "79.99", "%", "80", False),
            Fact("branch coverage", None),
            Fact("tests", 3, ok=True),
        ),
        problems=(
            Problem("uncovered", "Add:\nwith:\n  a: b", "a.py", 3, end_line=5),
            Problem("stale", severity=Severity.WARNING, path="b.py", line=1, end_line=1),
            Problem("third"),
        ),
        links=(Link("Run", "https://github.com/o/r"),),
    )
    assert terminal.text(outcome, problems=2).splitlines() == [
        "sample: FAIL: line coverage is low",
        "  line coverage    79.99 %  (limit 80 %)  NOT OK",
        "  branch coverage  n/a",
        "  tests            3  ok",
        "  error: a.py:3-5: uncovered",
        "    fix: Add:",
        "      with:",
        "        a: b",
        "  warning: b.py:1: stale",
        "  and 1 more",
        "  Run: https://github.com/o/r",
    ]
