"""Cuts an assert into tokens, each with the place it stands at. Pure.

Strings follow Hurl: in `"` or a backtick, with its escapes, from a backslash and one of `" \\ / # b f n r t` or a
backtick to `\\u{1f600}`; `\\{` too. A regex stands between slashes, `\\/` being a slash in it. Bytes are `hex,cafe;` or
`base64,yv4=;`.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from actionkit.asserts import literals, template
from actionkit.asserts.model import NotUnderstood
from actionkit.untrusted import one_line, shortened

LONGEST = 16_384
"""Characters of one assert; a longer one is a mistake."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_OPERATOR = re.compile(r"[=!<>~]+")
_NUMBER = re.compile(r"-?[0-9][A-Za-z0-9_.]*(?:(?<=[eE])[+-]?[0-9]+)?")
_RUN = re.compile(r"\S+")
_BLANKS = re.compile(r"[ \t]*(?:#.*)?", re.DOTALL)
_BYTES = re.compile(r"(hex|base64|file),([^;]*)(;?)", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\{.*?(?:\}\}|$)", re.DOTALL)
_REGEX = re.compile(r"/((?:[^/\\\n]|\\[^\n])*)(/?)")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"} | {same: same for same in '"`\\/#{}'}
_UNICODE = re.compile(r"u\{([0-9A-Fa-f]{1,6})\}")


class Kind(StrEnum):
    """What a token is; the value is what messages call it."""

    WORD = "a word"
    OPERATOR = "an operator"
    STRING = 'a "string"'
    REGEX = "a /regex/"
    NUMBER = "a number"
    DURATION = "a duration such as 800ms or 25h"
    PLACEHOLDER = "`{{name}}`"
    BYTES = "bytes"
    OTHER = "something else"
    END = "the end"


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are offsets in the assert. `value` is a str, a number, a Span, bytes or a Template (of a string
    or a placeholder); `offsets` say where each character of a decoded string was written."""

    kind: Kind
    start: int
    end: int
    value: Any = None
    offsets: tuple[int, ...] = ()

    def column(self, index: int = 0) -> int:
        """Where the character `index` of the string was written, 1-based; past the last one, its closing quote."""
        return (self.offsets[index] if index < len(self.offsets) else max(self.end - 1, self.start)) + 1


class Scanner:
    """Reads tokens off one text, one ahead."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise NotUnderstood(LONGEST + 1, f"an assert of {len(text)} characters", (f"at most {LONGEST}",))
        self.text = text
        self._next = self._read(0)

    @property
    def peek(self) -> Token:
        """The next token, which stays."""
        return self._next

    def take(self) -> Token:
        """The next token, which is gone. Raises NotUnderstood if the one after it is broken."""
        taken = self._next
        if taken.kind is not Kind.END:
            self._next = self._read(taken.end)
        return taken

    def written(self, token: Token) -> str:
        """The token as it was written."""
        return self.text[token.start : token.end]

    def run(self, start: int) -> str:
        """Everything from `start` to the next blank, for messages."""
        found = _RUN.match(self.text, start)
        return shortened(one_line(found[0]), 60) if found else ""

    def _read(self, at: int) -> Token:
        blanks = _BLANKS.match(self.text, at)
        at = blanks.end() if blanks else at
        if at >= len(self.text):
            return Token(Kind.END, len(self.text), len(self.text))
        letter = self.text[at]
        if letter in '"`':
            return self._string(at, letter)
        if letter == "/":
            return self._regex(at)
        if self.text.startswith("{{", at):
            return self._placeholder(at)
        return self._bare(at)

    def _bare(self, at: int) -> Token:
        """A token that no mark opens."""
        if found := _BYTES.match(self.text, at):
            return self._bytes(found)
        if found := _NUMBER.match(self.text, at):
            return self._number(found)
        for kind, pattern in ((Kind.WORD, _WORD), (Kind.OPERATOR, _OPERATOR)):
            if found := pattern.match(self.text, at):
                return Token(kind, at, found.end(), found[0])
        found = _RUN.match(self.text, at)
        return Token(Kind.OTHER, at, found.end() if found else at + 1)

    def _string(self, start: int, quote: str) -> Token:
        letters: list[str] = []
        offsets: list[int] = []
        at = start + 1
        while self.text[at : at + 1] not in ("", "\n", quote):
            offsets.append(at)
            letter, at = self._escape(at) if self.text[at] == "\\" else (self.text[at], at + 1)
            letters.append(letter)
        if self.text[at : at + 1] != quote:
            raise NotUnderstood(
                start + 1, f"the string {self.run(start)} is not closed", (quote,), fix=f"end it with {quote}"
            )
        value = "".join(letters)
        escaped = {index for index, offset in enumerate(offsets) if self.text[offset] == "\\"}
        try:
            filled = template.parse(value, escapes=False, literal=escaped)
        except NotUnderstood as error:
            column = offsets[error.column - 1] + 1
            raise NotUnderstood(column, error.found, error.expected, fix=error.fix) from None
        return Token(Kind.STRING, start, at + 1, filled, tuple(offsets))

    def _escape(self, at: int) -> tuple[str, int]:
        letter = self.text[at + 1 : at + 2]
        if letter in _ESCAPES and letter:
            return _ESCAPES[letter], at + 2
        code = _UNICODE.match(self.text, at + 1)
        if code and (number := int(code[1], 16)) <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF:
            return chr(number), code.end()
        found = f"`\\{one_line(letter)}` is no escape"
        fix = rf"write `\\{one_line(letter)}` for a backslash, or a regex as /\{one_line(letter)}…/"
        raise NotUnderstood(at + 1, found, (r"`\\`, `\"`, `\n`, `\t`, `\u{1f600}`",), fix=fix)

    def _regex(self, start: int) -> Token:
        found = _REGEX.match(self.text, start)
        if found is None or not found[2]:
            run = self.run(start)
            raise NotUnderstood(
                start + 1, f"the regex {run} is not closed", ("/",), fix=r"end it with /, write / as \/"
            )
        letters: list[str] = []
        offsets: list[int] = []
        at = start + 1
        while at < found.end(1):
            offsets.append(at)
            at += self.text.startswith(r"\/", at)
            letters.append(self.text[at])
            at += 1
        return Token(Kind.REGEX, start, found.end(), "".join(letters), tuple(offsets))

    def _placeholder(self, start: int) -> Token:
        found = _PLACEHOLDER.match(self.text, start)
        written = found[0] if found else self.text[start:]
        try:
            return Token(Kind.PLACEHOLDER, start, start + len(written), template.parse(written, escapes=False))
        except NotUnderstood as error:
            raise NotUnderstood(start + 1, error.found, error.expected, fix=error.fix) from None

    def _number(self, found: re.Match[str]) -> Token:
        start, end = found.span()
        value = literals.number(found[0])
        if value is not None:
            return Token(Kind.NUMBER, start, end, value)
        if (span := literals.duration(found[0])) is not None:
            return Token(Kind.DURATION, start, end, span)
        return Token(Kind.OTHER, start, end)

    def _bytes(self, found: re.Match[str]) -> Token:
        name, digits, end = found.groups()
        if name == "file":
            fix = "put what you expect into the assert, or check `sha256 == hex,…;`"
            raise NotUnderstood(found.start() + 1, "`file,…;` is not supported", fix=fix)
        if not end:
            raise NotUnderstood(found.start() + 1, f"`{name},` is not closed", ("`;`",), fix="end it with ;")
        try:
            value = bytes.fromhex(digits) if name == "hex" else binascii.a2b_base64(digits.encode(), strict_mode=True)
        except ValueError:
            fix = "write such as `hex,cafe;` or `base64,yv4=;`"
            raise NotUnderstood(found.start(2) + 1, f"`{self.run(found.start(2))}` is not {name}", fix=fix) from None
        return Token(Kind.BYTES, found.start(), found.end(), value)
