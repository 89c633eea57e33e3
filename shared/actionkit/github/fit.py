"""Cutting Markdown to a length without breaking what was open at the cut."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
TAG = re.compile(r"<!--|-->|<(/?)(details|table|pre)\b[^>]*>", re.IGNORECASE)
WORTH_KEEPING = 0.5


@dataclass(frozen=True, slots=True)
class _Open:
    """What is open after a line: a fence's marker, the HTML blocks from outside in, a comment."""

    fence: str = ""
    blocks: tuple[str, ...] = ()
    comment: bool = False

    @property
    def nothing(self) -> bool:
        return not self.fence and not self.blocks and not self.comment

    def closing(self) -> str:
        """The lines that close it, inside out; "" if nothing is open."""
        lines = [self.fence] if self.fence else []
        lines += ["-->"] if self.comment else []
        lines += [f"</{name}>" for name in reversed(self.blocks)]
        return "".join(f"\n{line}" for line in lines)

    def after(self, line: str) -> _Open:
        fence = FENCE.match(line)
        if self.fence:
            ends = fence and fence[1].startswith(self.fence) and not fence[2].strip()
            return _Open("", self.blocks, self.comment) if ends else self
        if fence and not self.comment and not (fence[1][0] == "`" and "`" in fence[2]):
            return _Open(fence[1], self.blocks, self.comment)
        blocks, comment = list(self.blocks), self.comment
        for tag in TAG.finditer(line):
            name = (tag[2] or "").lower()
            if comment or not name:
                comment = tag[0] == "<!--" or (comment and tag[0] != "-->")
            elif not tag[1]:
                blocks.append(name)
            elif name in blocks:
                del blocks[len(blocks) - 1 - blocks[::-1].index(name) :]
        return _Open("", tuple(blocks), comment)


def fit(body: str, limit: int, pointer: str) -> str:
    """`body` unchanged if it has at most `limit` characters, else cut at the end of a line with `pointer` below it.

    The cut stands outside of fences, `<details>`, `<table>`, `<pre>` and comments unless that would lose more than half
    of what fits; then the cut is inside and what is open is closed. A first line that is too long is cut within.
    The result never has more than `limit` characters; ValueError if not even the pointer fits.
    """
    if len(body) <= limit:
        return body
    tail = f"\n\n{pointer}"
    if len(tail) > limit:
        raise ValueError(f"a pointer of {len(pointer)} characters does not fit in {limit}")
    inside, outside = _cuts(body, limit - len(tail))
    kept = outside if len(outside) >= WORTH_KEEPING * len(inside) else inside
    if not kept:
        start = body.partition("\n")[0][: limit - len(tail)]
        if start.rfind("<") > start.rfind(">"):
            start = start[: start.rfind("<")]  # a tag that is cut would take in what follows
        kept = start if _Open().after(start).nothing else ""
    return kept + tail if kept else pointer


def _cuts(body: str, room: int) -> tuple[str, str]:
    """The longest cut at a line's end with its closing lines, and the longest with nothing open."""
    state = _Open()
    inside = outside = ""
    lines = body.split("\n")
    ends = itertools.accumulate((len(line) + 1 for line in lines), initial=-1)
    next(ends)
    for line, end in itertools.takewhile(lambda pair: pair[1] <= room, zip(lines, ends, strict=True)):
        state = state.after(line)
        closing = state.closing()
        if end + len(closing) <= room:
            inside = body[:end] + closing
            outside = inside if state.nothing else outside
    return inside, outside
