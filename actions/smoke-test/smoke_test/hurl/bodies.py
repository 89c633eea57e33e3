"""The body of a request in a Hurl file: JSON, text, one line, or a file. Pure."""

from __future__ import annotations

import json
import re

from smoke_test.hurl.lines import Reading, quoted
from smoke_test.model import Body

NOT_DONE = {
    "base64,": "base64 bodies",
    "hex,": "hexadecimal bodies",
    "<": "XML bodies as they stand",
    "```graphql": "GraphQL bodies",
    "```xml": "XML bodies as they stand",
    "```base64": "base64 bodies",
    "```hex": "hexadecimal bodies",
    "```csv": "CSV bodies",
}
_TEMPLATE = re.compile(r"\{\{\s*[A-Za-z0-9_-]+\s*\}\}")
_ONE_LINE = re.compile(r"`([^`]*)`")
_FILE = re.compile(r"file,(.+);")
_FENCE = "```"


def starts(text: str) -> bool:
    """Whether a line begins a body."""
    return text.startswith(("{", "[", '"', "`", "file,", *NOT_DONE)) or text in ("true", "false", "null")


def take(reading: Reading) -> tuple[Body, str] | None:
    """The body that begins on the next line and its media type; None after a complaint."""
    line = reading.peek()
    assert line is not None  # noqa: S101 - every caller has seen that a body starts here
    for start, what in NOT_DONE.items():
        if line.text.startswith(start):
            fix = f"Put it into a file of its own and write `file,name;`, or text between lines of {_FENCE}."
            reading.wrong(line.number, f"{what} are not supported", fix)
            _skip(reading)
            return None
    if line.text.startswith(_FENCE):
        return _fenced(reading)
    if named := _FILE.fullmatch(line.text):
        reading.take()
        return Body("file", named[1].strip()), ""
    if one := _ONE_LINE.fullmatch(line.text):
        reading.take()
        return Body("text", one[1]), ""
    return _json(reading)


def _fenced(reading: Reading) -> tuple[Body, str] | None:
    opening = reading.take()
    language = opening.text.removeprefix(_FENCE)
    if language.endswith(_FENCE):
        return Body("text", language.removesuffix(_FENCE)), ""
    lines: list[str] = []
    while (raw := reading.raw()) is not None:
        if raw.strip().endswith(_FENCE):
            before = raw.rstrip().removesuffix(_FENCE)
            text = "\n".join([*lines, before])
            return Body("text", text), "application/json" if language == "json" else ""
        lines.append(raw)
    reading.wrong(opening.number, f"the text that begins with {_FENCE} does not end", f"Close it with {_FENCE}.")
    return None


def _json(reading: Reading) -> tuple[Body, str] | None:
    """JSON runs on until it is whole. `{{name}}` may stand bare, for a value of the variable's own type."""
    first = reading.take()
    text = first.text
    while True:
        try:
            return Body("json", json.loads(_quoted_templates(text))), "application/json"
        except RecursionError:
            reason = "nested too deeply"
        except ValueError as error:
            reason = str(error)
        following = reading.raw()
        if following is None or following.startswith(("HTTP ", "HTTP/")):
            break
        text += f"\n{following}"
    if following is not None:
        reading.at -= 1
    reading.wrong(first.number, f"the JSON body {quoted(text)} cannot be read: {reason}")
    return None


def _quoted_templates(text: str) -> str:
    """Templates that stand where JSON wants a value, in quotes; those inside strings stay."""
    made, at, inside = [], 0, False
    while at < len(text):
        template = None if inside else _TEMPLATE.match(text, at)
        if template:
            made.append(f'"{template[0]}"')
            at = template.end()
            continue
        if text[at] == '"':
            inside = not inside
        step = 2 if text[at] == "\\" else 1
        made.append(text[at : at + step])
        at += step
    return "".join(made)


def _skip(reading: Reading) -> None:
    """Leave a body that cannot be read: up to the response, the next request or the end."""
    reading.take()
    while (line := reading.peek()) and not re.match(r"HTTP[ /]|[A-Z]+ +\S", line.text):
        reading.take()
