"""Reads a tracefile a bounded piece at a time, cut between records, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator

from actionkit.errors import Unreadable
from actionkit.jsondoc import BYTE_ORDER_MARKS, utf8
from coverage_gate.readers.source import MIB, SIZE_LIMIT, Source

_END = b"end_of_record"


def pieces(source: Source) -> Iterator[bytes]:
    """The text of a tracefile, its lines ending in newlines only, cut behind lines that end a record.

    The last piece is what stands behind the last record, often nothing. Raises Unreadable for whatever Source.read
    raises it for, and for a NUL byte.
    """
    head = source.head()
    if not head.strip() or head.startswith(BYTE_ORDER_MARKS) or source.path.stat().st_size > SIZE_LIMIT:
        yield _text(source, utf8(source.read()))
        return
    rest = b""
    with source.path.open("rb") as file:
        while block := file.read(max(MIB, len(rest))):
            buffer = rest + block if rest else block.removeprefix(b"\xef\xbb\xbf")
            cut = _behind_last_end(buffer, max(0, len(rest) - len(_END)))
            if cut:
                yield _text(source, buffer[:cut])
            rest = buffer[cut:]
    yield _text(source, rest)


def _text(source: Source, data: bytes) -> bytes:
    if b"\0" in data:
        raise Unreadable(source.name, "has NUL bytes: it is no text, or damaged")
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def _behind_last_end(data: bytes, start: int) -> int:
    """The offset behind the last whole line at or behind `start` that says only `end_of_record`; 0 if there is none."""
    at = data.rfind(_END, start)
    while at >= 0:
        newline = data.find(b"\n", at)
        if newline >= 0 and (at == 0 or data[at - 1] == 10) and not data[at + len(_END) : newline].strip():
            return newline + 1
        at = data.rfind(_END, start, at)
    return 0


def line_of_end(data: bytes, start: int) -> tuple[int, int]:
    """Where the next line begins that says only `end_of_record`, and where the line behind it; (-1, -1) if none."""
    at = data.find(_END, start)
    while at >= 0:
        newline = data.find(b"\n", at)
        behind = newline + 1 if newline >= 0 else len(data)
        if (at == 0 or data[at - 1] == 10) and not data[at + len(_END) : behind].strip():
            return at, behind
        at = data.find(_END, behind)
    return -1, -1
