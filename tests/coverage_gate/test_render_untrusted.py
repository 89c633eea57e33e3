"""Whatever an outcome file says, it is shown, it does nothing, and it breaks nothing.

The file of a fork's run was written by a stranger. A trusted job shows it, so every value in it may be of any JSON
type, of any size, and hold any text.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from tests.coverage_gate.told import as_json, told

from actionkit import envelope, outputs, terminal
from actionkit.action import Page
from actionkit.errors import Unreadable
from actionkit.outcome import Outcome
from coverage_gate.action import ACTION
from coverage_gate.render import render

PARSER = MarkdownIt("gfm-like", {"html": True})
PARSER.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # type: ignore[union-attr]
"""GitHub links what has a scheme or starts with `www.`, not every word such as coverage.py that might be a host."""

HOSTILE = [
    "@octocat", "#12", "GH-7", "deadbeefdeadbeef", "<script>alert(1)</script>", "<!-- coverage-gate: v1 -->", "-->",
    "</details>", "<img src=x onerror=y>", "[a](https://evil.test)", "![i](https://evil.test/x.png)",
    "https://evil.test/?q", "www.evil.test", "`", "```", "~~~", "|", "\n\n# Heading\n\n", "\n| a | b |\n| - | - |\n",
    ":tada:", "$x$", "\x1b[31m", "\u202e", "\x00", "\ud800", "::error::x", "\n::add-mask::x\n", "##[error]x", "é", "",
]  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 2**64, 10**308, 10**400, -(10**400), 10**4000]),
    st.sampled_from([0.0, -0.5, 1e308, 5e-324, 81.005]),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map("".join),
    st.text(max_size=10),
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(HOSTILE), inner, max_size=3)
)
OUR_HTML = re.compile(r"</?details>|</?sub>|<summary>[^<>]*</summary>")
INERT = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak",
    "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "table_open", "table_close",
    "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open",
    "td_close", "code_inline", "fence", "html_block", "html_inline", "link_open", "link_close",
}  # fmt: skip
LINKED_BY_GITHUB = re.compile(
    r"(?<![\w`])@[A-Za-z0-9]|#\d|\bGH-\d|(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])|://|www\.", re.I
)

Keys = tuple[str | int, ...]


@cache
def real() -> str:
    return json.dumps(as_json(told()))


def places(value: Any, at: Keys = ()) -> Iterator[Keys]:
    """Where every value of a document is."""
    if at:
        yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*at, number))


def with_value(document: Any, at: Keys, value: Any) -> Any:
    """The document with `value` at a place; as it was if the place is gone."""
    changed = copy.deepcopy(document)
    here = changed
    for key in at[:-1]:
        if not isinstance(here, dict | list) or (isinstance(here, list) and not isinstance(key, int)):
            return document
        try:
            here = here[key]  # type: ignore[index]
        except (KeyError, IndexError):
            return document
    if isinstance(here, dict) or (isinstance(here, list) and isinstance(at[-1], int) and at[-1] < len(here)):
        here[at[-1]] = value  # type: ignore[index]
    return changed


PLACES = sorted(places(json.loads(real())["data"]), key=repr)


@st.composite
def data(draw: st.DrawFn) -> dict[str, Any]:
    """The data of a real outcome with something else at up to five places."""
    document: Any = json.loads(real())["data"]
    for at in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=5)):
        document = with_value(document, at, draw(ANYTHING))
    return dict(document)


def tokens(body: str) -> list[Token]:
    return [one for token in PARSER.parse(body) for one in (token, *(token.children or ()))]


def links(body: str) -> list[str]:
    return [str(token.attrs["href"]) for token in tokens(body) if token.type == "link_open"]


def check_shown_and_inert(outcome: Outcome) -> None:
    for page in Page:
        body = render(outcome, page)
        seen = tokens(body)
        assert {token.type for token in seen} <= INERT
        for token in seen:
            if token.type.startswith("html_"):
                assert not OUR_HTML.sub("", token.content).strip(), token.content
            elif token.type == "text":
                assert not LINKED_BY_GITHUB.search(token.content), token.content
        assert set(links(body)) <= {"https://github.com/org/shop/actions/runs/42"}
        assert "<!--" not in body
    texts = outputs.texts(ACTION, outcome, "outcome.json")
    assert all(isinstance(text, str) for text in texts.values())
    assert terminal.text(outcome)


@given(data())
def test_any_json_in_the_data_of_an_outcome_is_shown_and_inert(forged: dict[str, Any]) -> None:
    check_shown_and_inert(dataclasses.replace(told(), data=forged))


@given(st.dictionaries(st.sampled_from([*json.loads(real())["data"], "replay", "other"]), ANYTHING))
def test_data_of_no_shape_at_all_is_shown_and_inert(forged: dict[str, Any]) -> None:
    check_shown_and_inert(dataclasses.replace(told(), data=forged))


TEXTS = [
    at for at in places({key: value for key, value in json.loads(real()).items() if key not in ("data", "verdict")})
    if at[0] not in ("schema", "action", "run")
]  # fmt: skip


@settings(max_examples=60)
@given(st.sampled_from(TEXTS), ANYTHING)
def test_any_json_elsewhere_in_the_file_is_refused_with_the_reason_or_shown_and_inert(at: Keys, value: Any) -> None:
    document = with_value(json.loads(real()), at, value)
    try:
        outcome = envelope.load(json.dumps(document).encode(), "outcome.json")
    except Unreadable:
        return
    check_shown_and_inert(outcome)


@pytest.mark.parametrize("points", [10**99, -(10**99), 100.5, float("inf"), float("nan"), True, "12", None, [1]])
def test_a_number_that_is_none_is_a_question_mark_and_no_output(points: object) -> None:
    forged = json.loads(real())["data"]
    forged["delta_detail"]["points"] = points
    outcome = dataclasses.replace(told(), data=forged)
    assert "Against the baseline: ? percentage points" in render(outcome, Page.COMMENT)
    assert outputs.texts(ACTION, outcome, "")["line-coverage-delta"] == ""


@pytest.mark.parametrize(
    ("covered", "total"), [(10**99, 1), (1, 10**99), (2, 1), (True, True), (1.5, 2), ("1", 2), (-1, 2)]
)
def test_counts_that_cannot_be_are_no_percentage(covered: object, total: object) -> None:
    forged = {**told().data, "totals": {"lines_covered": covered, "lines_total": total}}
    assert outputs.texts(ACTION, dataclasses.replace(told(), data=forged), "")["line-coverage"] == ""
