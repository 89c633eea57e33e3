"""Messages quote names in backticks; on GitHub those are code, and nothing in them does anything."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from actionkit import markdown

PARSER = MarkdownIt("gfm-like", {"html": True})
PIECES = [
    "`", "``", "` `", "\\`", "\\", "<b>", "<!--", "-->", "@octocat", "#12", "GH-7", "deadbeef", "http://e.vil",
    "[a](http://e.vil)", "![i](http://e.vil/x)", "www.e.vil", "*", "_", "~~", "|", "# ", "- ", "1. ", "\n", " ", "word",
    "$x$", "&lt;", ":tada:",
]  # fmt: skip
INERT = {"paragraph_open", "inline", "text", "text_special", "code_inline", "paragraph_close"}


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("`a``<b>`")
@example("`a` ``<b>`` `c`")
@example("\\`<b>`")
def test_prose_shows_and_does_nothing(untrusted: str) -> None:
    for body in (markdown.prose(untrusted), f"above\n- {markdown.prose(untrusted)} end"):
        tokens = [one for token in PARSER.parse(body) for one in (token, *(token.children or ()))]
        assert {token.type for token in tokens} <= INERT | {
            "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"
        }  # fmt: skip
        assert "<!--" not in body


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ("set `fail-under`, or not", "set `fail-under`, or not"),
        ("`a_b` is *no* key", r"`a_b` is \*no\* key"),
        ("the `mode` `on`", "the `mode` `on`"),
        ("plain a_b", r"plain a\_b"),
        ("one ` only", r"one \` only"),
        ("none in ``", r"none in \`\`"),
        ("`a``b`", r"\`a\`\`b\`"),
        ("two\nlines of `code`", "two lines of `code`"),
        ("", ""),
    ],
)
def test_what_stands_between_backticks_is_code(message: str, body: str) -> None:
    assert markdown.prose(message) == body
