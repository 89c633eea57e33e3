"""Markdown for GitHub out of text that others wrote: whatever they put in, it shows as text.

GitHub links mentions, issues, commits and addresses after Markdown is rendered, in the text of the page, so escaping
does not stop it: a zero-width space inside does. Code is left alone by that step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from actionkit.untrusted import one_line, visible

BREAK = "\u200b"
"""Zero-width space: invisible, and the end of any word GitHub would link."""

COMMENT_LIMIT = 65_536
"""Characters GitHub accepts in the body of a comment or an issue."""

_SPECIAL = re.compile(r"([\\`*_\[\]~$])")
# What would start a heading, list, quote, rule, table delimiter, setext underline or fence at the start of a line.
_BLOCK_START = re.compile(r"^(?:([#+\-=:])|(\d{1,9})([.)]))")
_MENTION = re.compile("@")
_ISSUE = re.compile(r"(#|GH-)(?=\d)", re.IGNORECASE)
_HEX_WORD = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,}(?![0-9A-Za-z])", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)", re.IGNORECASE)
_EMOJI = re.compile(r":(?=[A-Za-z0-9_+-]+:)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_DELIMITER_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_DETAILS = re.compile(r"<(/?)details\b", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]\S*)?", re.IGNORECASE)


def text(untrusted: str) -> str:
    """`untrusted` on one line as plain text: no formatting, HTML, link, mention, reference, emoji or formula.

    Safe at the start of a line, inside a sentence and in a table cell.
    """
    quiet = _quiet(one_line(untrusted))
    escaped = _html(_SPECIAL.sub(r"\\\1", quiet)).replace("|", "&vert;")
    return _BLOCK_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", escaped)


def code(untrusted: str) -> str:
    """`untrusted` as inline code on one line; in a table, `table` takes care of its pipes."""
    # A backslash before a pipe would be taken for the table's own escape.
    content = _no_comment(one_line(untrusted)).replace("\\|", f"\\{BREAK}|") or " "
    ticks = "`" * (_longest_run(content, "`") + 1)
    pad = " " if content.startswith(("`", " ")) or content.endswith(("`", " ")) else ""
    return f"{ticks}{pad}{content}{pad}{ticks}"


def prose(untrusted: str) -> str:
    """`untrusted` on one line as `text`, but what stands between backticks as `code`, the way messages quote things.

    As inert as those two, and safe where they are: where the backticks do not pair up, all of it is plain text.
    """
    pieces = one_line(untrusted).split("`")
    paired = len(pieces) % 2 == 1 and all(pieces[1:-1]) and all(piece.strip() for piece in pieces[1::2])
    if not paired:
        return text(untrusted)
    return "".join(code(piece) if at % 2 else _spaced(piece) for at, piece in enumerate(pieces))


def fence(untrusted: str, lang: str = "") -> str:
    """`untrusted` as a fenced code block, coloured as `lang`. Ends without a newline.

    Raises ValueError for a `lang` that is not a plain word.
    """
    if not re.fullmatch(r"[A-Za-z0-9+#.-]*", lang):
        raise ValueError(f"{lang!r} is not the name of a language")
    content = _no_comment(visible(untrusted)).rstrip("\n")
    ticks = "`" * max(3, _longest_run(content, "`") + 1)
    return f"{ticks}{lang}\n{content}\n{ticks}"


def link(label: str, url: str) -> str:
    """A link with `label` as plain text; only the label if `url` is not http(s) or carries credentials."""
    if not _URL.fullmatch(url):
        return text(label)
    from urllib.parse import quote

    # Percent-encode what ends a destination or a table cell; what is encoded already stays. RFC 3986, section 2.2.
    target = quote(url, safe=":/?#@!&+,;=%~-._", errors="replace")
    return f"[{text(label) or text(url)}]({target.replace('&', '&amp;')})"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], align: str = "") -> str:
    """A table of Markdown cells (made by `text`, `code` or `link`), without a newline at its end.

    `align` has a letter a column, `l`, `c` or `r`; columns without one are left as they are. Raises ValueError for a
    row that has not as many cells as there are headers.
    """
    marks = {"l": ":--", "c": ":-:", "r": "--:"}
    delimiter = [marks[letter] for letter in align] + ["---"] * (len(headers) - len(align))
    if any(len(row) != len(headers) for row in rows) or len(delimiter) != len(headers):
        raise ValueError("every row of a table has as many cells as there are headers")
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (_cells(headers), delimiter, *map(_cells, rows)))


def details(summary: str, body: str) -> str:
    """`body` (Markdown) folded away under `summary` (any text), without a newline at its end."""
    return f"<details>\n<summary>{_html(_quiet(one_line(summary)))}</summary>\n\n{body.strip()}\n\n</details>"


def in_bytes(body: str) -> int:
    """The size of `body` in UTF-8."""
    return len(body.encode(errors="replace"))


def cut(body: str, limit: int, pointer: str, *, size: Callable[[str], int] = len) -> str:
    """`body` if its `size` (characters, or `in_bytes`) is within `limit`, else as many whole lines as fit.

    A fence and details that are open there are closed, a comment or the head of a table is never cut in two, and
    `pointer` (one paragraph of Markdown that says where the rest is) ends it. Raises ValueError if not even that fits.
    """
    if size(body) <= limit:
        return body
    if size(pointer) > limit:
        raise ValueError(f"the limit of {limit} leaves no room for the pointer")
    lines = body.split("\n")
    used, kept, end = 0, 0, ""
    for number, (line, closing) in enumerate(_cut_points(lines), start=1):
        used += size(line) + 1
        if used > limit:
            break
        if closing is not None and used + size(closing) + 1 + size(pointer) <= limit:
            kept, end = number, closing
    return "\n".join([*lines[:kept], end, pointer]) if kept else pointer


def _cut_points(lines: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Each line, and what must follow if the body ends after it (None: it must not end there)."""
    open_fence, folded, commented = "", 0, False
    for at, line in enumerate(lines):
        mark = _FENCE.fullmatch(line)
        if open_fence:
            if mark and mark[1].startswith(open_fence) and not mark[2].strip():
                open_fence = ""
        elif mark and not commented and not (mark[1][0] == "`" and "`" in mark[2]):
            open_fence = mark[1]
        else:
            folded = max(0, folded + sum(-1 if tag == "/" else 1 for tag in _DETAILS.findall(line)))
            commented = line.rfind("<!--") > line.rfind("-->") or (commented and "-->" not in line)
        follows = lines[at + 1] if at + 1 < len(lines) else ""
        in_head = not open_fence and "|" in line and "|" in follows and _DELIMITER_ROW.fullmatch(follows)
        end = f"{open_fence}\n" if open_fence else ""
        yield line, None if commented or in_head else end + "\n</details>\n" * folded


def _spaced(piece: str) -> str:
    """`text` that keeps the blanks around it, which part it from the code beside it."""
    before, after = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
    return f"{before}{text(piece)}{after}" if piece.strip() else piece


def _quiet(plain: str) -> str:
    """`plain` with every word broken that GitHub would turn into a link, a reference or a picture."""
    plain = _MENTION.sub(f"@{BREAK}", plain)
    plain = _ISSUE.sub(rf"\1{BREAK}", plain)
    # GitHub takes seven digits or more for a commit: none are left in one piece.
    plain = _HEX_WORD.sub(lambda word: BREAK.join(re.findall(".{1,6}", word[0])), plain)
    plain = _ADDRESS.sub(BREAK, plain)
    return _EMOJI.sub(f":{BREAK}", plain)


def _html(plain: str) -> str:
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _no_comment(content: str) -> str:
    """Hidden comments mark the comments that are ours: nothing else may look like one, even in code."""
    return content.replace("<!--", f"<!{BREAK}--")


def _longest_run(content: str, letter: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(letter)}+", content)), default=0)


def _cells(cells: Sequence[str]) -> list[str]:
    return [re.sub(r"(?<!\\)\|", r"\\|", " ".join(cell.split("\n"))) for cell in cells]
