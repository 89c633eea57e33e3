"""A Hurl file as lines that know their number: comments gone, escapes of keys and values undone. Pure.

Format: the grammar chapter of Hurl's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from actionkit.errors import Complaint
from actionkit.untrusted import one_line, shortened

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")

_REQUEST = re.compile(r"([A-Z]+)[ \t]+(\S.*)")
_RESPONSE = re.compile(r"HTTP(?:/(\S+))?(?:[ \t]+(\S+))?")
_SECTION = re.compile(r"\[([A-Za-z]+)\]")
_UNICODE = re.compile(r"u\{([0-9A-Fa-f]{1,6})\}")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its number (1-based), without blanks around it."""

    number: int
    text: str


@dataclass(slots=True)
class Reading:
    """What is left of a file, and what was wrong so far."""

    path: str
    lines: Sequence[str]
    at: int = 0
    complaints: list[Complaint] = field(default_factory=list)

    def peek(self) -> Line | None:
        """The next line that says something, without taking it; None at the end."""
        while self.at < len(self.lines):
            text = self.lines[self.at].strip()
            if text and not text.startswith("#"):
                return Line(self.at + 1, text)
            self.at += 1
        return None

    def take(self) -> Line:
        """The next line that says something. Only after `peek` found one."""
        line = self.peek()
        assert line is not None  # noqa: S101 - every caller has peeked
        self.at += 1
        return line

    def raw(self) -> str | None:
        """The next line as it stands, blank or not; None at the end."""
        if self.at >= len(self.lines):
            return None
        self.at += 1
        return self.lines[self.at - 1]

    def wrong(self, line: int, message: str, fix: str = "") -> None:
        """Note what is wrong on a line; reading goes on, so that everything is said at once."""
        self.complaints.append(Complaint(message, fix, self.path, line))


def request_of(text: str) -> tuple[str, str] | None:
    """Method and URL of a request line; None for any other line."""
    matched = _REQUEST.fullmatch(uncommented(text))
    return (matched[1], matched[2].strip()) if matched and matched[1] != "HTTP" else None


def response_of(text: str) -> tuple[str, str] | None:
    """Version ("" for any) and status of a response line; None for any other line."""
    matched = _RESPONSE.fullmatch(uncommented(text))
    return (matched[1] or "", matched[2] or "") if matched else None


def section_of(text: str) -> str:
    """The name of a section line such as `[Asserts]`; "" for any other line."""
    matched = _SECTION.fullmatch(uncommented(text))
    return matched[1] if matched else ""


def uncommented(text: str) -> str:
    """A line without its comment. A `#` begins one after a blank, outside quotes, slashes and backticks."""
    closing, at = "", 0
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 1
        elif closing:
            closing = "" if letter == closing else closing
        elif letter in '"`' or (letter == "/" and text[at - 1 : at] in (" ", "\t")):
            closing = letter
        elif letter == "#" and (at == 0 or text[at - 1] in " \t"):
            return text[:at].rstrip()
        at += 1
    return text.rstrip()


def pair(text: str) -> tuple[str, str] | None:
    """`key: value` with Hurl's escapes undone; None where there is no colon."""
    bare = _value_uncommented(text)
    at = 0
    while at < len(bare) and bare[at] != ":":
        at += 2 if bare[at] == "\\" else 1
    if at >= len(bare) or not bare[:at].strip():
        return None
    return unescaped(bare[:at].strip()), unescaped(bare[at + 1 :].strip())


def _value_uncommented(text: str) -> str:
    """In keys and values every bare `#` begins a comment; quotes mean nothing there."""
    at = 0
    while at < len(text) and text[at] != "#":
        at += 2 if text[at] == "\\" else 1
    return text[:at].rstrip()


def unescaped(text: str) -> str:
    r"""A key or value with `\#`, `\:`, `\n`, `\u{1F600}` and so on as what they stand for."""
    made, at = [], 0
    while at < len(text):
        if text[at] != "\\" or at + 1 == len(text):
            made.append(text[at])
            at += 1
        elif (code := _UNICODE.match(text, at + 1)) and int(code[1], 16) <= 0x10FFFF:
            made.append(chr(int(code[1], 16)))
            at = code.end()
        else:
            made.append(_ESCAPED.get(text[at + 1], text[at + 1]))
            at += 2
    return "".join(made)


def quoted(text: str) -> str:
    """A piece of the file as a message quotes it."""
    return f"`{shortened(one_line(text), 80)}`"
