"""The parts of a fast lane: strict patterns for a plain subset of XML, and a memory of line records already read.

A million `<line …/>` elements of a report have only some thousand distinct texts. A fast lane cuts the bytes at
`<line `, checks and reads each distinct text once, and looks the others up. It is exact because every byte of the
document is matched by a strict pattern (or is a copy of one that was); whatever does not match raises Declined and the
whole document goes to the XML parser. The patterns allow less than XML does, never more (XML 1.0, section 2): no
namespaces, CDATA, processing instructions, character references, single quotes or control characters.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from coverage_gate.model import LineBranches, Lines, lines_of
from coverage_gate.readers.xml_tally import better

SPACE = rb"[ \t\r\n]*+"
_GAP = rb"[ \t\r\n]++"
_NAME = rb"[A-Za-z_][A-Za-z0-9_.-]*+"
VALUE = rb'"[^<&"\x00-\x1f]*+(?:&(?:amp|lt|gt|quot|apos);[^<&"\x00-\x1f]*+)*+"'
ATTRIBUTES = rb"((?:" + _GAP + _NAME + rb"=" + VALUE + rb")*+)" + SPACE
"""Pattern of the attributes of a tag, one group, up to the `>` or `/>`."""
COMMENT = rb"<!--(?:[^\x00-\x1f-]|-[^\x00-\x1f-])*+-->"
MISC = rb"(?:" + _GAP + rb"|" + COMMENT + rb")*+"
DECLARATION = (
    rb'(?:<\?xml version="1\.0"(?: encoding="(?:utf-8|UTF-8)")?(?: standalone="(?:yes|no)")?' + SPACE + rb"\?>)?"
)

_PAIR = re.compile(rb"(" + _NAME + rb")=(" + VALUE + rb")")
_COMMENT_TEXT = re.compile(rb"<!--(.*?)-->", re.DOTALL)
_ENTITY = re.compile(r"&(amp|lt|gt|quot|apos);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_NOT_XML = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")

_SMALL = 2048
"""A file whose lines are all below this is put together from ready-made bits; a longer one from its numbers."""
_LINE_BITS = tuple(1 << (code >> 1) if code else 0 for code in range(2 * _SMALL))
_COVERED_BITS = tuple(1 << (code >> 1) if code & 1 else 0 for code in range(2 * _SMALL))
_KEPT = 50_000
_CHUNK = 1 << 20


class Declined(Exception):  # noqa: N818 - no error: the document is left to the XML parser
    """The document is not of the plain shape the fast lane reads."""


LineRecord = tuple[int, bool, LineBranches | None]
"""One line element: number (0: none), whether it was hit, branch outcomes."""


class Stretch(NamedTuple):
    """What a run of line elements adds up to."""

    lines: Lines
    covered: Lines
    branches: dict[int, LineBranches]


def check_characters(data: bytes) -> None:
    """Raise Declined unless the bytes are UTF-8 of characters that XML allows (control characters aside)."""
    if data.isascii():
        return
    if any(text in data for text in _NOT_XML):
        raise Declined
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), _CHUNK):
            decoder.decode(data[at : at + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Declined from None


def attributes_of(text: bytes) -> dict[str, str]:
    """The attributes in a text that ATTRIBUTES matched. Raises Declined for a repeated or namespace attribute."""
    pairs = _PAIR.findall(text)
    attributes = {name.decode(): plain(value[1:-1]) for name, value in pairs}
    if len(attributes) != len(pairs) or "xmlns" in attributes:
        raise Declined
    return attributes


def is_digits(text: str, at_most: int) -> bool:
    """Whether `text` is one to `at_most` ASCII digits."""
    return text.isascii() and text.isdigit() and len(text) <= at_most


def plain(text: bytes) -> str:
    """Checked UTF-8 with XML's five entities replaced."""
    decoded = text.decode()
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], decoded) if "&" in decoded else decoded


def comments_in(text: bytes) -> tuple[str, ...]:
    """The texts of the comments in what MISC matched."""
    return tuple(found.decode() for found in _COMMENT_TEXT.findall(text))


class LineMemory(dict[bytes, int]):
    """Distinct texts of line elements, each with a code: twice the line number, plus one if it was hit (0: no line).

    `record` reads a new text, from behind `<line ` to before the next one. It raises Declined or Malformed if that is
    not exactly one well-formed element and white space. `counter` matches a hit count above zero, whose digits do not
    matter: they are evened out once texts turn out to be too various to remember.
    """

    def __init__(self, record: Callable[[bytes], LineRecord], counter: re.Pattern[bytes], even: bytes) -> None:
        self._record = record
        self._counter = counter
        self._even = even
        self._is_various = False
        self._branching: dict[bytes, tuple[int, LineBranches]] = {}

    def __missing__(self, text: bytes) -> int:
        number, is_covered, branches = self._record(text)
        if number == 0:
            self[text] = 0
            return 0
        code = self[text] = 2 * number + is_covered
        if branches is not None:
            self._branching[text] = number, branches
        return code

    def read(self, piece: bytes) -> Stretch | None:
        """Add up a run of line elements; None if it is only white space. Raises Declined."""
        if len(self) > _KEPT:
            self._is_various = True
            self.clear()
            self._branching.clear()
        if self._is_various:
            piece = self._counter.sub(self._even, piece)
        before, *texts = piece.split(b"<line ")
        if before.strip(b" \t\r\n"):
            raise Declined
        if not texts:
            return None
        codes = list(map(self.__getitem__, texts))
        return Stretch(*_bits(codes), self._branches(texts))

    def _branches(self, texts: list[bytes]) -> dict[int, LineBranches]:
        branches: dict[int, LineBranches] = {}
        if self._branching:
            for text in filter(self._branching.__contains__, texts):
                number, here = self._branching[text]
                known = branches.get(number)
                branches[number] = here if known is None else better(known, here)
        return branches


def _bits(codes: list[int]) -> tuple[Lines, Lines]:
    """The line set and the covered set that line codes stand for."""
    if max(codes) < 2 * _SMALL:
        lines = reduce(or_, map(_LINE_BITS.__getitem__, codes))
        return lines, reduce(or_, map(_COVERED_BITS.__getitem__, codes))
    return lines_of(code >> 1 for code in codes if code), lines_of(code >> 1 for code in codes if code & 1)


def stretches(data: bytes, start: int, end: int, memory: LineMemory) -> Iterator[Stretch]:
    """The line elements in `data[start:end]`, which holds nothing else, a bounded piece at a time.

    Raises Declined for anything but line elements and white space.
    """
    while start < end:
        stop = end
        if end - start > _CHUNK:
            stop = data.find(b"<line ", start + _CHUNK, end)
            if stop < 0:
                stop = end
        stretch = memory.read(data[start:stop])
        if stretch is not None:
            yield stretch
        start = stop
