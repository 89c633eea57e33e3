"""The pages a reader meets, taken apart: code blocks, tables, links, headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PARSER = MarkdownIt("commonmark").enable("table")
PAGES = tuple(
    sorted(
        path
        for folder in (ROOT, ROOT / ".github", *(ROOT / "actions").iterdir(), *(ROOT / "examples").iterdir())
        for path in folder.glob("*.md")
    )
)
"""Every page people read here."""

ACTION_PAGES = tuple(sorted((ROOT / "actions").glob("*/README.md")))


@dataclass(frozen=True)
class Block:
    """One fenced block: where it is, its language and what is in it."""

    page: Path
    line: int
    language: str
    content: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path, language: str = "") -> list[Block]:
    tokens = PARSER.parse(page.read_text(encoding="utf-8"))
    found = [
        Block(page, (token.map or [0])[0] + 1, token.info.strip(), token.content)
        for token in tokens
        if token.type == "fence"
    ]
    return [block for block in found if not language or block.language == language]


def every(language: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page, language)]


def table(page: Path, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, as Markdown; without its head."""
    rows: list[list[str]] = []
    for line in section(page, heading).splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif rows:
            break
    return rows[2:]


def section(page: Path, heading: str) -> str:
    """What stands under a heading, up to the next one of its level."""
    text = page.read_text(encoding="utf-8")
    level = heading.partition(" ")[0]
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    # A comment in a block of code is no heading.
    prose = re.sub(r"^```.*?^```", lambda block: "." * len(block[0]), text[start:], flags=re.DOTALL | re.MULTILINE)
    following = re.search(rf"^#{{1,{len(level)}}} ", prose, re.MULTILINE)
    return text[start : start + following.start()] if following else text[start:]


def codes(text: str) -> list[str]:
    """Everything that stands in backticks, one or two of them."""
    return [two or one for two, one in re.findall(r"``\s?(.+?)\s?``|`([^`]+)`", text)]
