"""Whatever others put into a name, a message or a log shows as text on GitHub and does nothing."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from actionkit import markdown
from actionkit.untrusted import one_line, visible

PARSER = MarkdownIt("gfm-like", {"html": True})
"""CommonMark with GitHub's tables, strikethrough and bare links, as markdown-it reads them."""

PIECES = [
    "@octocat", "@org/team", "#12", "GH-7", "gh-7", "o/r#3", "0123456", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    "<b>", "<script>alert(1)</script>", "<!--", "-->", "</details>", "<details>", "&#64;octocat", "&commat;x",
    "&lt;", "&", "[a](http://e.vil)", "![i](http://e.vil/x.png)", "[ref]: http://e.vil", "http://e.vil",
    "HTTPS://e.vil/?q", "ftp://e.vil", "www.e.vil", "mail@e.vil", "mailto:a@e.vil", "`", "``", "```", "~~~", "~~",
    "**", "__", "_", "*", "# ", "> ", "- ", "+ ", "1. ", "2) ", "---", "===", "|", "\\|", "\\", "\\\\", "\n", "\r",
    "\t", "    ", " ", ":tada:", ":100:", "$x$", "$$", "[^1]", "[ ]", "\x1b[31m", "\u202e", "\u2028", "\x00",
    "\ud800", "\ufeff", "\u200b", ":-:", "x", "word", "<http://e.vil>", "é", "0", "#",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
ANYTHING = st.one_of(HOSTILE, st.text(st.characters(codec=None, exclude_categories=[]), max_size=60))

MENTION = re.compile(r"(?<![\w`])@[A-Za-z0-9]")
ISSUE = re.compile(r"#\d|\bGH-\d", re.IGNORECASE)
COMMIT = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])", re.IGNORECASE)
EMOJI = re.compile(r":[A-Za-z0-9_+-]+:")


def tokens(body: str) -> list[Token]:
    return [one for token in PARSER.parse(body) for one in (token, *(token.children or ()))]


def kinds(body: str) -> set[str]:
    return {token.type for token in tokens(body)}


def shown(body: str) -> str:
    return "".join(token.content for token in tokens(body) if token.type in ("text", "text_special"))


def seen(text: str) -> str:
    """What a reader makes of a text: no controls, one line, no zero-width space."""
    return " ".join(re.sub("[\u200b]", "", text).split())


@given(ANYTHING)
def test_text_shows_and_does_nothing(untrusted: str) -> None:
    body = markdown.text(untrusted)
    assert kinds(body) <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    read = shown(body)
    for pattern in (MENTION, ISSUE, COMMIT, EMOJI):
        assert not pattern.search(read), read
    assert not re.search(r"<|://|www\.", body, re.IGNORECASE)
    assert "\n" not in body


@given(HOSTILE)
def test_text_after_other_text_does_nothing_either(untrusted: str) -> None:
    body = f"- **Label:** {markdown.text(untrusted)} end\n"
    assert kinds(body) - {"text_special"} == {
        "bullet_list_open", "list_item_open", "paragraph_open", "inline", "text", "strong_open", "strong_close",
        "paragraph_close", "list_item_close", "bullet_list_close",
    }  # fmt: skip


@given(HOSTILE)
def test_text_below_a_paragraph_makes_no_heading_or_table(untrusted: str) -> None:
    assert kinds(f"above\n{markdown.text(untrusted)}") <= {
        "paragraph_open", "inline", "text", "text_special", "softbreak", "paragraph_close"
    }  # fmt: skip


@given(st.text("abc*_[]()<>&|`~#+-.!\\ ={}$\"'", max_size=30))
def test_text_is_read_as_it_was_written(untrusted: str) -> None:
    assert seen(shown(markdown.text(untrusted))) == seen(untrusted)


@pytest.mark.parametrize(
    ("untrusted", "body"),
    [("plain words, 80 %", "plain words, 80 %"), ("src/cart.py:12", "src/cart.py:12"), ("a_b", r"a\_b"),
     ("1. x", r"1\. x"), ("- x", r"\- x"), ("x - y", "x - y"), ("<b>", "&lt;b&gt;"), ("@me", "@\u200bme"),
     ("#1", "\\#\u200b1"), ("", ""), (":--", "\\:--"),
     ("0123456789ab", "012345\u200b6789ab"), ("https://a.b", "https:\u200b//a.b"), ("a|b", "a&vert;b")],
)  # fmt: skip
def test_text_changes_no_more_than_it_must(untrusted: str, body: str) -> None:
    assert markdown.text(untrusted) == body


@given(ANYTHING)
def test_code_is_one_code_span(untrusted: str) -> None:
    body = markdown.code(untrusted)
    assert kinds(body) == {"paragraph_open", "inline", "code_inline", "paragraph_close"}
    assert "<!--" not in body
    (span,) = [token for token in tokens(body) if token.type == "code_inline"]
    assert seen(span.content) == seen(one_line(untrusted))


def test_code_keeps_its_backticks_and_edges() -> None:
    assert markdown.code("a") == "`a`"
    assert markdown.code("a`b``") == "``` a`b`` ```"
    assert markdown.code("") == "`   `"


@given(ANYTHING)
def test_a_fence_is_one_block(untrusted: str) -> None:
    body = markdown.fence(untrusted, "diff")
    (block,) = PARSER.parse(body)
    assert (block.type, block.info) == ("fence", "diff")
    assert block.content.rstrip("\n") == visible(untrusted).replace("<!--", "<!\u200b--").rstrip("\n")
    assert "<!--" not in body


def test_a_fences_language_is_a_word() -> None:
    assert markdown.fence("x") == "```\nx\n```"
    assert markdown.fence("````", "c++") == "`````c++\n````\n`````"
    with pytest.raises(ValueError, match="not the name of a language"):
        markdown.fence("x", "a\nb")


@given(st.lists(st.tuples(ANYTHING, ANYTHING, ANYTHING), min_size=1, max_size=4))
def test_a_table_keeps_its_shape(rows: list[tuple[str, str, str]]) -> None:
    cells = [[markdown.text(a), markdown.code(b), markdown.link(c, "https://example.com/a|b")] for a, b, c in rows]
    body = markdown.table(["Name", "Code", "Link"], cells, align="lr")
    parsed = tokens(body)
    assert parsed[0].type == "table_open"
    assert parsed[-1].type == "table_close"
    assert [token.type for token in parsed].count("td_open") == 3 * len(rows)
    assert [token.type for token in parsed].count("code_inline") == len(rows)
    assert [token.type for token in parsed].count("link_open") == len(rows)
    spans = [seen(token.content) for token in parsed if token.type == "code_inline"]
    assert spans == [seen(one_line(b)) for _, b, _ in rows]


def test_a_table_is_plain_to_read() -> None:
    assert markdown.table(["A", "B"], [["1", "2"], ["x\ny", "`a|b`"]], align="rc") == (
        "| A | B |\n| --: | :-: |\n| 1 | 2 |\n| x y | `a\\|b` |"
    )


@pytest.mark.parametrize(("rows", "align"), [([["1"]], ""), ([["1", "2"]], "lll")])
def test_a_table_with_a_hole_is_an_error_of_ours(rows: list[list[str]], align: str) -> None:
    with pytest.raises(ValueError, match="as many cells"):
        markdown.table(["A", "B"], rows, align)


@given(ANYTHING, ANYTHING)
def test_a_link_goes_where_it_says_or_nowhere(label: str, rest: str) -> None:
    body = markdown.link(label, f"https://example.com/{rest}")
    found = [token for token in tokens(body) if token.type == "link_open"]
    assert len(found) <= 1
    assert kinds(body) <= {
        "paragraph_open", "inline", "text", "text_special", "link_open", "link_close", "paragraph_close"
    }  # fmt: skip
    assert all(str(token.attrs["href"]).startswith("https://example.com/") for token in found)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//e.vil", "https://github.com@e.vil/", "https://u:p@e.vil", "http://",
     "", "https://github.com\\@e.vil", "https://a b", "https://a.b/c d", "/path", " https://a.b"],
)  # fmt: skip
def test_a_link_elsewhere_is_only_its_label(url: str) -> None:
    assert markdown.link("label", url) == "label"


def test_a_link_keeps_its_query() -> None:
    assert markdown.link("a_b", "https://x.y/p(1)?a=1&copy=2#L3") == r"[a\_b](https://x.y/p%281%29?a=1&amp;copy=2#L3)"
    assert markdown.link("", "https://x.y") == "[https:\u200b//x.y](https://x.y)"


@given(ANYTHING)
def test_details_hide_only_their_body(untrusted: str) -> None:
    body = markdown.details(untrusted, markdown.fence(untrusted))
    blocks = PARSER.parse(body)
    assert [block.type for block in blocks] == ["html_block", "fence", "html_block"]
    summary = re.fullmatch(r"<details>\n<summary>([^<>\n]*)</summary>\n", blocks[0].content)
    assert summary
    assert not MENTION.search(unescape(summary[1]))


def big_body(lines: int) -> str:
    table = markdown.table(["File", "Lines"], [[markdown.code(f"src/{n}.py"), str(n)] for n in range(lines)])
    log = markdown.details("log", markdown.fence("\n".join(f"line {n}" for n in range(lines)), "text"))
    more = markdown.details("outer", f"text\n\n{markdown.details('inner', table)}\n\nafter")
    return f"<!-- marker -->\n## Title ✓\n\n{table}\n\n{log}\n\n~~~\ntilde\n~~~\n\n{more}\n\nEnd."


BODY = big_body(12)


@given(limit=st.integers(10, len(BODY.encode()) + 5), in_bytes=st.booleans())
def test_a_cut_body_fits_and_leaves_nothing_open(limit: int, in_bytes: bool) -> None:
    size = markdown.in_bytes if in_bytes else len
    body = markdown.cut(BODY, limit, "*(more)*", size=size)
    assert size(body) <= limit
    if size(BODY) <= limit:
        assert body == BODY
        return
    blocks = PARSER.parse(body)
    assert [token.content for token in blocks[-3:]] == ["", "*(more)*", ""], "the pointer is a paragraph of its own"
    assert body.count("<details>") == body.count("</details>")
    assert all(line in body for line in ["<!-- marker -->"] if limit > 60)
    assert "\n| File | Lines |\n\n" not in body
    kept = [line for line in body.removesuffix("*(more)*").split("\n") if line not in ("", "```", "~~~", "</details>")]
    assert kept == [line for line in BODY.split("\n") if line not in ("", "```", "~~~", "</details>")][: len(kept)]


def test_a_cut_keeps_as_much_as_it_can() -> None:
    body = "\n".join(f"line {n}" for n in range(100))
    assert len(markdown.cut(body, 400, "more")) > 390
    assert markdown.cut("x" * 50 + "\nyy", 20, "more") == "more"


def test_a_comment_is_never_cut_open() -> None:
    body = "before\n<!-- hidden\nstill hidden\n-->\nafter\n" + "x" * 40
    assert markdown.cut(body, 40, "more") == "before\n\nmore"
    assert markdown.cut(body, 60, "more") == "before\n<!-- hidden\nstill hidden\n-->\nafter\n\nmore"


def test_inline_backticks_are_no_fence() -> None:
    assert markdown.cut("``` a ```\nb\n" + "x" * 40, 24, "more") == "``` a ```\nb\n\nmore"


def test_a_limit_without_room_for_the_pointer_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="no room"):
        markdown.cut("x" * 100, 5, "pointer")


def test_a_large_body_is_cut_in_little_time() -> None:
    body = "| a |\n| --- |\n" + "| cell |\n" * 200_000
    assert len(markdown.cut(body, markdown.COMMENT_LIMIT, "more")) > markdown.COMMENT_LIMIT - 20
