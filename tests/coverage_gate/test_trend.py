"""The trend chart: only numbers and commits ever reach Mermaid."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage_gate.trend import MOST, chart


def point(sha: str, lines: Any, branches: Any = (0, 0)) -> dict[str, Any]:
    return {
        "sha": sha * 10,
        "lines_covered": lines[0],
        "lines_total": lines[1],
        "branches_covered": branches[0],
        "branches_total": branches[1],
    }


def test_line_and_branch_coverage_are_two_lines() -> None:
    drawn = chart([point("1e55555", (84, 100), (1, 2)), point("b000000", (90, 100), (2, 3))])
    assert drawn == "\n".join(
        (
            "xychart-beta",
            '    title "Line and branch coverage"',
            '    x-axis ["1e55555", "b000000"]',
            '    y-axis "%" 49 --> 91',
            "    line [84.00, 90.00]",
            "    line [50.00, 66.66]",
        )
    )


def test_branches_are_left_out_where_one_point_lacks_them() -> None:
    drawn = chart([point("a", (100, 100), (1, 2)), point("b", (100, 100))])
    assert '"Line coverage"' in drawn
    assert drawn.count("    line ") == 1
    assert "99 --> 100" in drawn


def test_zero_coverage_has_a_range_too() -> None:
    assert "0 --> 1" in chart([point("a", (0, 9)), point("b", (0, 9))])


@pytest.mark.parametrize("entries", [[], [point("a", (1, 2))], [point("a", (1, 2)), point("b", (0, 0))]])
def test_one_point_is_no_trend(entries: list[dict[str, Any]]) -> None:
    assert chart(entries) == ""


def test_only_the_last_points_are_drawn() -> None:
    drawn = chart([point("a", (at, 100)) for at in range(50)])
    assert drawn.count('"aaaaaaa"') == MOST
    assert "49.00]" in drawn


@pytest.mark.parametrize("sha", ['"]\nclick', "<!--", "", None, 7])
def test_what_is_no_commit_is_numbered(sha: Any) -> None:
    assert 'x-axis ["1", "bbbbbbb"]' in chart([{**point("a", (1, 2)), "sha": sha}, point("b", (1, 2))])


anything = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(), st.lists(st.integers()))


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(point("a", (1, 2)), anything)), max_size=5))
def test_whatever_a_file_says_the_chart_holds_only_numbers(entries: list[dict[str, Any]]) -> None:
    drawn = chart([*entries, point("a", (1, 2)), point("b", (1, 3))])
    allowed = r'xychart-beta\n    title "Line(?: and branch)? coverage"\n    x-axis \["[0-9a-f]+"(?:, "[0-9a-f]+")+\]\n'
    allowed += r'    y-axis "%" \d+ --> \d+(?:\n    line \[[0-9., ]+\]){1,2}'
    assert re.fullmatch(allowed, drawn)
