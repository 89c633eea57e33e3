"""The messages that a README explains, and whether a run said one of them with the verdict it is listed under."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.pages import codes, section

from sandbox.runner import Shown

HEADING = "## When it says `incomplete` or `error`"


def listed(page: Path) -> dict[str, str]:
    """Message -> the head of the table it stands in; `…` in a message stands for anything."""
    found, head = {}, ""
    for line in section(page, HEADING).splitlines():
        cells = line.split("|")
        if line.startswith("| ---"):
            continue
        if line.startswith("| ") and not head:
            head = cells[1].strip(" `")
        elif line.startswith("| "):
            found[codes(cells[1])[0]] = head
        else:
            head = ""
    return found


def check_said(shown: Shown, message: str, head: str) -> None:
    """Fail unless the log holds the message, as bad as its table says, and the fix of what is an error."""
    pattern = ".+".join(re.escape(part) for part in message.split("…"))
    log = shown.log.replace("`", "")
    said = re.search(rf"^  (error|warning|notice): .*{pattern}.*(\n    fix: )?", log, re.MULTILINE)
    assert said, shown.log
    assert shown.outputs["verdict"] == head or (head.startswith("Warning") and said[1] != "error")
    assert (said[1] == "error") == (head in ("incomplete", "error"))
    assert said[2] or said[1] != "error"
    assert "Traceback" not in shown.log
