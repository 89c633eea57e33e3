"""Text that others wrote, made safe to look at: nothing in it moves the cursor, hides or reorders what is read."""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
# C0 and C1 controls, line and paragraph separators, bidirectional marks, embeddings and isolates (the "Trojan Source"
# set, CVE-2021-42574), interlinear annotations, tag characters, lone surrogates.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_NEWLINES = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def visible(text: str) -> str:
    """`text` in lines ended by `\\n`: colours dropped, every other control or direction character shown as U+FFFD."""
    plain = _NEWLINES.sub("\n", _ANSI.sub("", text))
    return _HIDDEN.sub(lambda found: found[0] if found[0] in "\n\t" else "\ufffd", plain)


def one_line(text: str) -> str:
    """The same on one line, runs of white space as one blank."""
    return " ".join(visible(text).split())


def shortened(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, the last one an ellipsis if it was longer."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
