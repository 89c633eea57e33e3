"""The parts that every action's page has: verdict first, problems by severity, the run at the foot, all of it inert."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actionkit import pages
from actionkit.outcome import Fact, Outcome, Problem, Run, Severity, Verdict

BARE = Outcome("some-action", Verdict.PASS, "all is well")


def lines(problems: tuple[Problem, ...], limit: int = 10) -> list[str]:
    return [line for line in pages.problems(problems, limit) if line]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_head_is_the_verdict_and_the_headline(verdict: Verdict) -> None:
    shown = pages.joined([pages.head("Some action", replace(BARE, verdict=verdict))])
    assert shown == f"## {pages.ICONS[verdict]} Some action: {verdict.value}\n\nall is well\n"


def test_sections_that_say_nothing_leave_no_gap() -> None:
    assert pages.joined([["a", "b"], [], [""], ["c", ""]]) == "a\nb\n\nc\n"


def test_problems_stand_under_their_severity_the_worst_first() -> None:
    shown = lines((Problem("b", severity=Severity.NOTICE), Problem("w", severity=Severity.WARNING), Problem("e")))
    assert shown == ["### Problems", "- e", "### Warnings", "- w", "### Notes", "- b"]
    assert lines(()) == []


@pytest.mark.parametrize(
    ("line", "end", "place"), [(None, None, "a.py"), (3, None, "a.py:3"), (3, 3, "a.py:3"), (3, 5, "a.py:3-5")]
)
def test_a_problem_names_its_place_and_its_fix(line: int | None, end: int | None, place: str) -> None:
    problem = Problem("it is `odd`", "Mend it.", path="a.py", line=line, end_line=end)
    assert lines((problem,))[1] == f"- `{place}`: it is `odd`. Mend it."


def test_of_many_problems_the_first_are_shown_and_the_rest_counted() -> None:
    shown = lines(tuple(Problem(f"number {number}") for number in range(5)), limit=2)
    assert shown == ["### Problems", "- number 0", "- number 1", "- and 3 more"]


@pytest.mark.parametrize(
    ("fact", "value", "limit"),
    [
        (Fact("f", None), "n/a", ""),
        (Fact("f", ""), "n/a", ""),
        (Fact("f", 0), "0", ""),
        (Fact("f", "79", "%", 80), "79 %", "80 %"),
        (Fact("f", "a|b"), "a&vert;b", ""),
    ],
)
def test_a_fact_shows_its_value_and_limit_with_the_unit(fact: Fact, value: str, limit: str) -> None:
    assert (pages.value_of(fact), pages.limit_of(fact)) == (value, limit)


def test_the_foot_leads_to_the_run_if_it_has_an_address() -> None:
    run = Run(sha="a" * 40, run_id=42, url="https://github.com/org/shop/actions/runs/42")
    assert list(pages.foot(replace(BARE, run=run))) == [
        "<sub>`aaaaaaaaaaaa`, [run 42](https://github.com/org/shop/actions/runs/42)</sub>"
    ]
    assert list(pages.foot(BARE)) == []


def test_a_name_of_a_megabyte_is_short_and_stays_inert() -> None:
    for shown in (pages.text("@" + "x" * 1_000_000), pages.code("`" + "x" * 1_000_000)):
        assert len(shown) < 2 * pages.NAME_LIMIT
    assert "@org" not in pages.text("@org/team")


@pytest.mark.parametrize("given", [None, "1", True, [1], float("nan"), float("inf"), -(10**12), 10**400])
def test_a_figure_that_is_none_or_absurd_is_not_shown(given: object) -> None:
    assert pages.figure(given, str) == ""
    assert pages.figure(1.5, str) == "1.5"


def test_rows_that_were_left_out_are_counted_below_the_table() -> None:
    assert (list(pages.left_out(2)), list(pages.left_out(0)), list(pages.left_out(-1))) == (["", "and 2 more"], [], [])


def test_data_of_another_shape_is_empty() -> None:
    for value in (None, 3, "text", ("a",)):
        assert pages.mapping(value) == {}
    assert list(pages.items("text")) == []
    assert list(pages.items([1, "a"])) == [1, "a"]
    assert list(pages.mappings([{"a": 1}, 3, None])) == [{"a": 1}]
