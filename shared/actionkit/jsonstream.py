"""JSON documents that may be large and that nobody vouches for, read in one pass with bounded memory.

The values are read by the standard library's decoder. What is done here is to open the containers that lead to the
long lists a caller wants one by one, so that a report of 100 MB is never in memory as objects all at once. Duplicate
keys, NaN, integers and nesting beyond what tools write, and a text that ends early are refused with their line.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Final, NoReturn

from actionkit.errors import Unreadable

Path = tuple[str | int, ...]
"""Keys and indexes from the top of a document."""

Stream = tuple[str, ...]
"""A path whose elements come one by one: `("runs", "[]", "results", "[]")`.

`[]` stands for any index, `{}` for any key and `*` for either. Where a stream has a key or `{}` only an object is
opened, where it has `[]` only a list: anything else in that place comes as it is, so that even an empty one is seen.
"""

CHUNK = 1 << 20
ELEMENT_LIMIT = 16 * 1024 * 1024
"""Characters of one value that is built as a whole: hostile text of that length takes less than 400 MB as objects."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_MARGIN = 16
"""The longest token, other than a string, that the end of a window may cut: `-Infinity`, a pair of `\\u` escapes."""


class Closed:
    """Stands for the end of a container that was opened on the way to a stream."""


CLOSED: Final = Closed()


def walk(name: str, data: bytes, *streams: Stream) -> Iterator[tuple[Path, object]]:
    """Every value of the document that no stream leads through, with its path, in the document's order.

    Containers on the way to a stream are opened: their members come one by one, and CLOSED with the container's path
    when they end. A value that should be such a container but is not comes as it is. `data` is UTF-8, with or without
    a byte order mark. Raises Unreadable(name, reason, line) for anything no tool writes.
    """
    window = _Window(data)
    try:
        yield from _value(window, (), streams)
        if window.peek():
            raise _RefusedError("has more text after the end of its JSON")
    except json.JSONDecodeError as error:
        raise Unreadable(name, _reason(error), window.line_at(error.pos)) from None
    except UnicodeDecodeError:
        raise Unreadable(name, "is not UTF-8 text", window.line_at(len(window.buffer))) from None
    except _RefusedError as error:
        raise Unreadable(name, str(error), window.line_at(window.pos)) from None
    except RecursionError:
        raise Unreadable(name, "is nested too deeply to be a report any tool writes", None) from None
    except ValueError as error:
        raise Unreadable(name, f"is not JSON any tool writes: {_short(error)}", window.line_at(window.pos)) from None


def whole(name: str, data: bytes) -> object:
    """The document as one value. Raises Unreadable as `walk` does, and for one longer than ELEMENT_LIMIT."""
    # To the end: what follows the value is looked at last.
    ((_, value),) = walk(name, data)
    return value


class _RefusedError(ValueError):
    """The text is JSON, perhaps, but not what is read here; the message is the reason."""


def _value(window: _Window, path: Path, streams: tuple[Stream, ...]) -> Iterator[tuple[Path, object]]:
    opening = window.peek()
    if opening == "{" and any(step != "[]" for step in _steps(path, streams)):
        yield from _members(window, path, streams)
    elif opening == "[" and any(step in ("[]", "*") for step in _steps(path, streams)):
        yield from _elements(window, path, streams)
    else:
        yield path, window.value()


def _members(window: _Window, path: Path, streams: tuple[Stream, ...]) -> Iterator[tuple[Path, object]]:
    seen: set[str] = set()
    window.take("{")
    while window.peek() != "}":
        if seen:
            window.take(",")
        if window.peek() != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", window.buffer, window.pos)
        key = str(window.value())
        if key in seen:
            raise _RefusedError(f"has the key {key[:80]!r} twice in one object")
        seen.add(key)
        window.peek()
        window.take(":")
        yield from _value(window, (*path, key), streams)
    window.take("}")
    yield path, CLOSED


def _elements(window: _Window, path: Path, streams: tuple[Stream, ...]) -> Iterator[tuple[Path, object]]:
    index = 0
    window.take("[")
    whole_elements = not any(True for _ in _steps((*path, 0), streams))
    while window.peek() != "]":
        if index:
            window.take(",")
            window.peek()
        if whole_elements:
            yield (*path, index), window.value()
        else:
            yield from _value(window, (*path, index), streams)
        index += 1
    window.take("]")
    yield path, CLOSED


def _steps(path: Path, streams: tuple[Stream, ...]) -> Iterator[str]:
    """What the streams that lead through `path` say comes next in it."""
    for stream in streams:
        if len(path) < len(stream) and all(_fits(want, got) for want, got in zip(stream, path, strict=False)):
            yield stream[len(path)]


def _fits(want: str, got: str | int) -> bool:
    return want in ("*", got) or want == ("[]" if isinstance(got, int) else "{}")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise _RefusedError(f"has the key {twice[:80]!r} twice in one object")
    return found


def _no_constant(text: str) -> NoReturn:
    raise _RefusedError(f"holds the number {text}, which JSON does not have")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


class _Window:
    """The part of the text that is looked at: `buffer` from `pos` on; what lies before is forgotten as it moves."""

    def __init__(self, data: bytes) -> None:
        self.buffer, self.pos = "", 0
        self._data = memoryview(data)
        self._at = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._lines_gone = 0

    def peek(self) -> str:
        """The next character that is no blank, "" at the end of the text."""
        while True:
            blanks = _BLANKS.match(self.buffer, self.pos)
            self.pos = blanks.end() if blanks else self.pos
            if self.pos < len(self.buffer):
                return self.buffer[self.pos]
            if not self._more(CHUNK):
                return ""

    def take(self, mark: str) -> None:
        """Step over `mark`, which must come next."""
        if not self.buffer.startswith(mark, self.pos):
            raise json.JSONDecodeError(f"Expecting {mark!r}", self.buffer, self.pos)
        self.pos += 1

    def value(self) -> object:
        """The value that starts at `pos`, built as a whole."""
        size = CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self.buffer, self.pos)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos >= len(self.buffer) - _MARGIN
                if not is_cut or not self._more(size):
                    raise
            else:
                # A number may go on behind the window: `1`, `1.`, `1e` and `1e+` all begin `1.5e+3` or the like.
                if end < len(self.buffer) - 2 or not self._more(size):
                    self.pos = end
                    return value
            if len(self.buffer) - self.pos > ELEMENT_LIMIT:
                raise _RefusedError(f"holds one value of more than {ELEMENT_LIMIT >> 20} MiB; no report does")
            size *= 2

    def line_at(self, pos: int) -> int:
        """The line of the whole text, from 1, that `buffer[pos]` is on."""
        return self._lines_gone + self.buffer.count("\n", 0, pos) + 1

    def _more(self, size: int) -> bool:
        """Let the window reach further; False at the end of the text."""
        if self._at >= len(self._data):
            return False
        chunk = self._data[self._at : self._at + size]
        self._at += len(chunk)
        text = self._decoder.decode(chunk, self._at >= len(self._data))
        self._lines_gone += self.buffer.count("\n", 0, self.pos)
        self.buffer = self.buffer[self.pos :] + text
        self.pos = 0
        return True


def _reason(error: json.JSONDecodeError) -> str:
    is_cut = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
    return "ends in the middle of its JSON: truncated" if is_cut else f"is not JSON: {error.msg}"


def _short(error: ValueError) -> str:
    return " ".join(str(error).split())[:120]
