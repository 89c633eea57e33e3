"""Cutting a long comment so that what is below the cut still renders."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actionkit.github.fit import fit

POINTER = "_see the summary_"

PIECES = (
    "plain text\n",
    "```\n",
    "````md\n",
    "~~~\n",
    "  ```\n",
    "<details><summary>more</summary>\n",
    "</details>\n",
    "<details open>\n",
    "<TABLE>\n",
    "</table>\n",
    "<!-- note\n",
    "-->\n",
    "text <!-- inline --> text\n",
    "| a | b |\n",
    "x" * 30 + "\n",
    "\n",
    "no line end",
)


def left_open(markdown: str) -> list[str]:
    """An independent reading: what is open at the end, as a stack of fences, comments and tags."""
    stack: list[str] = []
    for line in markdown.split("\n"):
        fence = re.match(r" {0,3}(`{3,}|~{3,})(.*)", line)
        if stack and stack[-1][0] in "`~":
            if fence and fence[1].startswith(stack[-1]) and not fence[2].strip():
                stack.pop()
        elif fence and stack[-1:] != ["<!--"] and not (fence[1][0] == "`" and "`" in fence[2]):
            stack.append(fence[1])
        else:
            for token in re.findall(r"<!--|-->|</?(?:details|table|pre)\b", line, re.IGNORECASE):
                note(stack, token.lower())
    return stack


def note(stack: list[str], token: str) -> None:
    if stack[-1:] == ["<!--"]:
        if token == "-->":
            stack.pop()
    elif token.startswith("</"):
        if f"<{token[2:]}" in stack:
            while stack.pop() != f"<{token[2:]}":
                pass
    elif token != "-->":
        stack.append(token)


@given(st.text(max_size=60), st.integers(60, 80))
def test_what_fits_is_left_alone(body: str, limit: int) -> None:
    assert fit(body, limit, POINTER) == body


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.integers(20, 400))
@example("<details><summary>more</summary>\n", 27)
def test_the_result_fits_ends_in_the_pointer_and_leaves_nothing_open(body: str, limit: int) -> None:
    cut = fit(body, limit, POINTER)
    assert len(cut) <= limit
    if cut == body:
        return
    assert cut.endswith(f"\n\n{POINTER}") or cut == POINTER
    assert left_open(cut) == []


@given(st.text(st.characters(codec="utf-8"), min_size=50, max_size=300), st.integers(20, 49))
def test_any_text_at_all_is_cut_to_its_limit(body: str, limit: int) -> None:
    assert len(fit(body, limit, POINTER)) <= limit


def test_the_cut_stands_at_a_line_end_before_the_block_that_does_not_fit() -> None:
    body = "first\nsecond\nthird line is here\n```\n" + "code\n" * 20 + "```\n"
    assert fit(body, 60, POINTER) == f"first\nsecond\nthird line is here\n\n{POINTER}"


def test_a_block_that_was_closed_before_the_cut_is_kept_whole() -> None:
    body = "<details>\n<table>\n</details>\n" + "word\n" * 30
    assert fit(body, 60, POINTER) == f"<details>\n<table>\n</details>\nword\nword\n\n{POINTER}"


def test_a_stray_closing_tag_closes_nothing() -> None:
    assert fit("<details>\n</table>\n" + "word\n" * 30, 60, POINTER).endswith(f"word\n</details>\n\n{POINTER}")


def test_empty_lines_count() -> None:
    assert fit("\n\n\n" + "word\n" * 30, 30, POINTER) == f"\n\n\nword\n\n{POINTER}"


def test_a_block_that_is_almost_everything_is_cut_inside_and_closed() -> None:
    body = "title\n<details>\n\n```python\n" + "print()\n" * 200 + "```\n</details>\n"
    cut = fit(body, 200, POINTER)
    assert cut.endswith(f"print()\n```\n</details>\n\n{POINTER}")
    assert 180 < len(cut) <= 200


def test_a_comment_that_is_cut_does_not_swallow_the_pointer() -> None:
    cut = fit("a\n<!-- " + "note\n" * 100 + "-->\nend", 100, POINTER)
    assert cut.endswith(f"note\n-->\n\n{POINTER}")


def test_a_longer_fence_is_closed_by_as_many_and_a_shorter_one_inside_it_is_text() -> None:
    cut = fit("````\n```\n" + "x\n" * 100 + "````", 60, POINTER)
    assert cut.endswith(f"x\n````\n\n{POINTER}")


def test_code_in_backticks_on_one_line_is_no_fence() -> None:
    cut = fit("```inline``` text\n" + "word\n" * 30, 60, POINTER)
    assert cut == "```inline``` text\nword\nword\nword\nword\n\n" + POINTER


def test_tags_inside_a_fence_are_text() -> None:
    cut = fit("```\n<details>\n```\n" + "word\n" * 30, 60, POINTER)
    assert "</details>" not in cut


def test_one_line_that_is_too_long_is_cut_within() -> None:
    assert fit("x" * 100, 40, POINTER) == "x" * 21 + f"\n\n{POINTER}"


def test_a_pointer_that_does_not_fit_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="does not fit in 10"):
        fit("x" * 100, 10, POINTER)
