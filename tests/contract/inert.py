"""Whether a page of Markdown does nothing but show text: no HTML, link, picture, mention or reference of others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("gfm-like", {"html": True})
"""CommonMark with GitHub's tables, strikethrough and bare links, as markdown-it reads them."""
# It also takes `name.py` for a host in Paraguay; GitHub wants a scheme or `www.`.
PARSER.linkify.set({"fuzzy_link": False})  # type: ignore[union-attr]

MARKER = r"<!-- (?:coverage-gate|security-report-aggregator|health-wait|smoke-test): v1 -->"
OWN_HTML = re.compile(rf"</?(?:details|sub)>|<summary>[^<>]*</summary>|{MARKER}")
ACTIVE = re.compile(r"(?<![\w`])@[A-Za-z0-9]|#\d|\bGH-\d|:[a-z]+:|www\.", re.IGNORECASE)


def assert_inert(page: str, *links: str) -> None:
    """Nothing in `page` is active but our own tags, our marker at its very start, and links that begin as `links`."""
    assert page.count("<!--") == bool(re.match(MARKER, page))
    for token in _tokens(page):
        if token.type in ("html_block", "html_inline"):
            assert not OWN_HTML.sub("", token.content).strip(), token.content
        elif token.type == "link_open":
            assert str(token.attrs["href"]).startswith(links), token.attrs
        elif token.type == "text":
            assert not ACTIVE.search(token.content), token.content
        assert token.type != "image"


def _tokens(page: str) -> Iterator[Token]:
    for token in PARSER.parse(page):
        yield token
        yield from token.children or ()
