"""Workflow commands in a line of output: `::error file=a.py::text` and the older `##[error file=a.py;]text`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

REGISTERED = frozenset(
    (
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    )
)

# Each escape is undone in this order, `%25` last: `%250A` must come out as `%0A`.
_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
_BRACKET = (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%"))


@dataclass(frozen=True, slots=True)
class Command:
    """A command as parsed. `name` and the keys of `properties` are in lower case: the runner ignores their case."""

    name: str
    data: str
    properties: Mapping[str, str] = field(default_factory=dict)


def parse(line: str, registered: Collection[str] = REGISTERED) -> Command | None:
    """The command in `line`, or None for ordinary output; a command that is not registered is ordinary output.

    The `::` form must open the line (after white space); the `##[` form may stand anywhere in it.
    """
    return _parse_colons(line.lstrip(), registered) or _parse_brackets(line, registered)


def _parse_colons(line: str, registered: Collection[str]) -> Command | None:
    if not line.startswith("::"):
        return None
    info, found, data = line[2:].partition("::")
    if not found:
        return None
    name, _, properties = info.partition(" ")
    if name.lower() not in registered:
        return None
    return Command(name.lower(), _unescape(data, _DATA), _properties(properties.strip(), ",", _PROPERTY))


def _parse_brackets(line: str, registered: Collection[str]) -> Command | None:
    _, found, rest = line.partition("##[")
    info, closed, data = rest.partition("]")
    if not (found and closed):
        return None
    name, _, properties = info.partition(" ")
    if name.lower() not in registered:
        return None
    return Command(name.lower(), _unescape(data, _BRACKET), _properties(properties, ";", _BRACKET))


def _properties(text: str, separator: str, escapes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(separator))
    return {key.lower(): _unescape(value, escapes) for key, _, value in pairs if key and value}


def _unescape(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for escaped, plain in escapes:
        text = text.replace(escaped, plain)
    return text
