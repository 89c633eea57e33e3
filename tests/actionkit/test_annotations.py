"""GitHub shows ten annotations of a level: the best nine and the count of the rest."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit import annotations
from actionkit.commands import Commands
from actionkit.outcome import Problem, Severity


def problems(count: int, level: Severity = Severity.ERROR) -> list[Problem]:
    return [Problem(f"number {n}", path="a.py", line=n + 1, severity=level) for n in range(count)]


def test_ten_fit() -> None:
    assert annotations.within_budget(problems(10)) == tuple(problems(10))


def test_of_more_the_first_nine_are_shown_and_the_rest_counted() -> None:
    shown = annotations.within_budget(problems(25), more="see the comment")
    assert shown[:9] == tuple(problems(9))
    assert shown[9].message == "and 16 more; see the comment"
    assert len(shown) == 10


@given(st.lists(st.sampled_from(Severity), max_size=60))
def test_every_level_has_its_own_budget_and_no_problem_is_lost(levels: list[Severity]) -> None:
    given_ones = [Problem(f"{n}", severity=level) for n, level in enumerate(levels)]
    shown = annotations.within_budget(given_ones)
    for level in Severity:
        those = [problem for problem in shown if problem.severity is level]
        asked = levels.count(level)
        assert len(those) == min(asked, 10)
        left = int(those[-1].message.split()[1]) - 1 if asked > 10 else 0
        assert len(those) + left == asked


@given(st.text(max_size=6000), st.text(max_size=6000))
def test_a_message_is_never_longer_than_the_runner_keeps(message: str, fix: str) -> None:
    assert len(annotations.message(Problem(message * 3, fix))) <= 4096


def test_the_fix_survives_a_long_message() -> None:
    text = annotations.message(Problem("x" * 9000, "Do this."))
    assert text.endswith("x…\nDo this.")
    assert len(text) == 4096
    assert annotations.message(Problem("short")) == "short"
    assert annotations.message(Problem("short", "y" * 5000)).startswith("short\nyyy")


@pytest.mark.parametrize(
    ("path", "placed"),
    [("./src/a.py", "src/a.py"), ("src//a.py", "src/a.py"), ("/repo/src/a.py", "src/a.py"), ("", ""),
     ("/usr/lib/a.py", ""), ("../a.py", ""), ("/github/workspace/a.py", "a.py"),
     ("/home/runner/work/r/r/a.py", "a.py")],
)  # fmt: skip
def test_paths_are_the_repositorys(path: str, placed: str) -> None:
    assert annotations.in_repository(path, "/repo/") == placed


def test_problems_become_commands() -> None:
    stream = io.StringIO()
    problem = Problem("Not covered", "Test it.", "/w/a.py", 3, Severity.WARNING, end_line=5, title="Patch")
    annotations.annotate(Commands(stream, True), [problem], root="/w")
    assert stream.getvalue() == "::warning title=Patch,file=a.py,line=3,endLine=5::Not covered%0ATest it.\n"
