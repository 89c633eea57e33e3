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

from coverage_gate.model import LineBranches, Lines
from coverage_gate.readers.xml import Malformed
from coverage_gate.readers.xml_tally import LineRecords, better

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

SMALL = 2048
"""Lines below this are kept as ready-made bits; a file with higher ones is put together from numbers instead."""
_TOO_HIGH = 1 << SMALL
_BITS = tuple(1 << number for number in range(SMALL))
_KEPT = 50_000
_CHUNK = 1 << 20


class Declined(Exception):  # noqa: N818 - no error: the document is left to the XML parser
    """The document is not of the plain shape the fast lane reads."""


class LineRecord(NamedTuple):
    """One line element: number (0: none), whether it was hit, branch outcomes."""

    number: int
    is_covered: bool
    branches: LineBranches | None


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


def plain(text: bytes) -> str:
    """Checked UTF-8 with XML's five entities replaced."""
    decoded = text.decode()
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], decoded) if "&" in decoded else decoded


def comments_in(text: bytes) -> tuple[str, ...]:
    """The texts of the comments in what MISC matched."""
    return tuple(found.decode() for found in _COMMENT_TEXT.findall(text))


class LineMemory(dict[bytes, Lines]):
    """Distinct texts of line elements and the bits they stand for; a new text is read by `record` and remembered.

    `record` takes the text from behind `<line ` to before the next one and raises Declined or Malformed if it is not
    exactly one well-formed element and white space.
    """

    def __init__(self, record: Callable[[bytes], LineRecord]) -> None:
        self._record = record
        self._covered: dict[bytes, Lines] = {}
        self._branching: dict[bytes, tuple[int, LineBranches]] = {}

    def __missing__(self, text: bytes) -> Lines:
        record = self._record(text)
        bits = _TOO_HIGH if record.number >= SMALL else _BITS[record.number] if record.number else 0
        self[text] = bits
        self._covered[text] = bits if record.is_covered else 0
        if record.branches is not None and record.number:
            self._branching[text] = record.number, record.branches
        return bits

    def read(self, texts: list[bytes]) -> Stretch:
        """Add up line elements. Raises Declined."""
        if len(self) > _KEPT:
            self.clear()
            self._covered.clear()
            self._branching.clear()
        try:
            if len(texts) > 2 * SMALL:
                return self._one_by_one(texts)
            lines = reduce(or_, map(self.__getitem__, texts), 0)
            if lines & _TOO_HIGH:
                return self._one_by_one(texts)
        except Malformed:
            raise Declined from None
        covered = reduce(or_, map(self._covered.__getitem__, texts), 0)
        branches: dict[int, LineBranches] = {}
        if self._branching:
            for text in filter(self._branching.__contains__, texts):
                number, here = self._branching[text]
                known = branches.get(number)
                branches[number] = here if known is None else better(known, here)
        return Stretch(lines, covered, branches)

    def _one_by_one(self, texts: list[bytes]) -> Stretch:
        records = LineRecords()
        for text in texts:
            records.add(*self._record(text))
        return Stretch(records.lines, records.covered, records.branches)


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
        texts = data[start:stop].split(b"<line ")
        if texts[0].strip(b" \t\r\n"):
            raise Declined
        if len(texts) > 1:
            yield memory.read(texts[1:])
        start = stop
