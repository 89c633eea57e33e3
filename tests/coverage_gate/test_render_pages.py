"""The summary and the comment: the most important first, tables that can be read, nothing said without evidence."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.coverage_gate.told import told

from actionkit import markdown
from actionkit.action import Page
from actionkit.outcome import Fact, Outcome, Problem, Run, Severity, Verdict
from actionkit.pages import ROWS
from coverage_gate.render import render

BARE = Outcome("coverage-gate", Verdict.PASS, "line 90.00 %")


def page(outcome: Outcome, on: Page = Page.COMMENT) -> str:
    """The page as a reader sees it: without the invisible breaks and escapes."""
    return re.sub(r"\\([^\w\s])", r"\1", render(outcome, on)).replace("\u200b", "")


def with_data(**data: Any) -> Outcome:
    return replace(BARE, data=data)


def titles(shown: str) -> list[str]:
    return re.findall(r"^#+ (.*)$|^<summary>(.*)</summary>$", shown, re.MULTILINE)


def test_everything_that_is_known_is_told_the_verdict_first() -> None:
    shown = page(told())
    assert [title or folded for title, folded in titles(shown)] == [
        "⚠️ Coverage gate: incomplete",
        "Problems",
        "Warnings",
        "Changed lines: 1 of 2 covered",
        "Against the baseline: -30.16 percentage points",
        "Untouched lines that lost their coverage",
        "Cheapest path to green",
        "Trend",
        "3 reports read",
    ]
    assert "Baseline `bbbbbbbbbbbb`: 6 of 7 lines, 2 commits behind the base." in shown
    assert "| Lines added by this change | -1.59 |" in shown
    assert "- `src/cart.py`: 4" in shown
    assert "next to what `tests/test_cart.py::test_total` already reaches" in shown
    assert "```mermaid\nxychart-beta" in shown
    assert "| slow | `broken.json` |  | 0/0 | 0/0 | no: is truncated |" in shown
    assert shown.endswith("<sub>`aaaaaaaaaaaa`, [run 42](https://github.com/org/shop/actions/runs/42)</sub>\n")


def test_a_bare_outcome_is_its_verdict_and_headline() -> None:
    assert page(BARE) == "## ✅ Coverage gate: pass\n\nline 90.00 %\n"


@pytest.mark.parametrize(("verdict", "icon"), [("pass", "✅"), ("fail", "❌"), ("error", "🛑"), ("incomplete", "⚠️")])
def test_each_verdict_has_its_own_mark(verdict: str, icon: str) -> None:
    assert page(replace(BARE, verdict=Verdict(verdict))).startswith(f"## {icon} Coverage gate: {verdict}\n")


def test_facts_stand_with_unit_threshold_and_whether_they_meet_it() -> None:
    facts = (
        Fact("line coverage", "79.99", "%", "80", ok=False),
        Fact("branch coverage", None),
        Fact("patch coverage", ""),
        Fact("tests", 0),
        Fact("floor", "90", "%", 0, ok=True),
    )
    shown = page(replace(BARE, facts=facts))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown.splitlines() if line.startswith("| ")]
    by_name = {row[0]: row for row in rows}
    assert by_name["line coverage"][1] == "79.99 %"
    assert by_name["line coverage"][-2:] == ["80 %", "❌"]
    assert by_name["branch coverage"][1] == by_name["patch coverage"][1] == "n/a"
    assert by_name["tests"][1] == "0"
    assert by_name["floor"][-2:] == ["0 %", "✅"]


def test_problems_are_sorted_by_severity_with_place_and_fix() -> None:
    problems = (
        Problem("a note", severity=Severity.NOTICE),
        Problem("line 3 is not covered", path="a.py", line=3, severity=Severity.WARNING),
        Problem("lines 3 to 5 are not covered", path="a.py", line=3, end_line=5, severity=Severity.WARNING),
        Problem("below `fail-under`", "Cover `4` more.", path="a.py"),
    )
    assert page(replace(BARE, problems=problems)).split("\n\n", 2)[2] == (
        "### Problems\n\n- `a.py`: below `fail-under`. Cover `4` more.\n\n"
        "### Warnings\n\n- `a.py:3`: line 3 is not covered\n- `a.py:3-5`: lines 3 to 5 are not covered\n\n"
        "### Notes\n\n- a note\n"
    )


def test_a_comment_is_short_and_a_summary_longer_and_both_count_the_rest() -> None:
    problems = tuple(Problem(f"number {number}") for number in range(300))
    files = [{"path": f"f{n}.py", "lines_covered": 0, "lines_total": 1, "missing": [[1, 1]]} for n in range(300)]
    outcome = replace(BARE, problems=problems, data={"patch": {"lines_covered": 0, "lines_total": 300, "files": files}})
    for on in Page:
        shown = page(outcome, on)
        assert shown.count("- number") == ROWS[on]
        assert f"- and {300 - ROWS[on]} more\n" in shown
        assert f"and {300 - ROWS[on]} more files" in shown


def test_changed_files_that_are_covered_are_in_the_count_and_not_in_the_table() -> None:
    files = [{"path": "a.py", "lines_covered": 2, "lines_total": 2, "missing": []}]
    shown = page(with_data(patch={"lines_covered": 2, "lines_total": 2, "files": files}))
    assert "### Changed lines: 2 of 2 covered" in shown
    assert "a.py" not in shown
    assert "Changed lines" not in page(with_data(patch={"files": []}))


def test_long_lists_of_lines_are_cut() -> None:
    missing = [[n, n] for n in range(1, 90, 2)] + [[100, 120]]
    files = [{"path": "a.py", "lines_covered": 0, "lines_total": 66, "missing": missing}]
    shown = page(with_data(patch={"lines_covered": 0, "lines_total": 66, "files": files}))
    assert "57, 59 and 16 more" in shown


def test_the_change_without_a_commit_or_a_cause_is_just_the_change() -> None:
    shown = page(with_data(delta={"added": 0.0}, delta_detail={"points": 0.5}, baseline=None))
    assert shown.endswith("### Against the baseline: +0.50 percentage points\n")
    at_base = {"sha": "b" * 40, "lines_covered": 1, "lines_total": 2, "distance": 0}
    shown = page(with_data(delta={}, delta_detail={"points": -0.5}, baseline=at_base))
    assert shown.endswith("Baseline `bbbbbbbbbbbb`: 1 of 2 lines.\n")


def test_the_path_to_green_names_functions_and_at_most_three_tests() -> None:
    place = {"path": "a.py", "function": "f", "wanted": 1, "missing": 2, "lines": [[3, 4]], "tests": list("abcd")}
    step = {"advice": "cover 2 more", "places": [place, {**place, "function": "", "tests": []}]}
    shown = page(with_data(green_path=[step]))
    assert "  - 1 of these 2: `a.py` 3-4 in `f`, next to what `a`, `b`, `c` already reaches\n" in shown
    assert shown.endswith("  - 1 of these 2: `a.py` 3-4\n")


def test_a_replay_is_one_row_a_commit() -> None:
    row = {"sha": "a" * 40, "recorded_at": "2026-11-21", "line": "80.00 %", "verdict": "fail", "why": "line < 90 %"}
    shown = page(with_data(replay={"rows": [row, {}]}))
    assert f"| {'a' * 40} | 2026-11-21 | 80.00 % | fail | line &lt; 90 % |" in shown
    assert "|  |  |  |  |  |" in shown


def test_one_report_is_one_report() -> None:
    suites = [{"name": "unit", "reports": [{"path": "a.xml", "format": "lcov", "complete": True}]}]
    assert "<summary>1 report read</summary>" in page(with_data(suites=suites))


def test_outside_of_a_run_there_is_no_foot() -> None:
    assert "<sub>" not in page(replace(told(), run=Run()))


def test_a_comment_cut_at_githubs_limit_keeps_what_matters() -> None:
    problems = tuple(Problem("x" * 3000, f"fix {number}") for number in range(25))
    body = markdown.cut(render(replace(told(), problems=problems), Page.COMMENT), 20_000, "_Cut._")
    assert "Coverage gate: incomplete" in body
    assert body.endswith("_Cut._")
