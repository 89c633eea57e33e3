"""gcov's JSON (`gcov --json-format`), plain or as the `.gcov.json.gz` that gcov writes."""

from __future__ import annotations

import zlib

from actionkit.errors import Unreadable
from actionkit.jsondoc import Json, has, mapping, outline, parse, sequence, text, whole
from coverage_gate.merge import merge
from coverage_gate.model import FileCoverage, Function, Report
from coverage_gate.readers.document_branches import named_branches
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.source import HEAD_SIZE, MIB, SIZE_LIMIT

_GZIP = b"\x1f\x8b"


def recognises(head: bytes) -> bool:
    """Whether the document, decompressed, names GCC's version or has files with GCC's lines."""
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD_SIZE)
        except zlib.error:
            return False
    plain = head.replace(b"\0", b"")
    if not any(word in plain for word in (b"gcc_version", b"line_number", b"demangled_name")):
        return False
    found = outline(head)
    return has(found, "gcc_version") or any(
        has(found, "files", "[]", *pattern)
        for pattern in (("lines", "[]", "line_number"), ("functions", "[]", "demangled_name"))
    )


def report(name: str, reader: str, data: bytes) -> Report:
    """Read gcov JSON. Raises Unreadable(name, reason, line)."""
    document = parse(name, decompressed(name, data) if data.startswith(_GZIP) else data)
    sets = LineSets(name)
    merged = merge(
        _file(name, mapping(name, value, "a file"), sets) for value in sequence(name, document.get("files"), "files")
    )
    return Report(
        name,
        reader,
        tuple(merged.files.values()),
        tool="gcov",
        version=text(document.get("gcc_version")),
        doubts=merged.doubts,
    )


def decompressed(name: str, data: bytes, limit: int = SIZE_LIMIT) -> bytes:
    """What a gzip stream holds. Raises Unreadable if it is cut, damaged, or unpacks to more than `limit` bytes."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, limit)
    except zlib.error as error:
        raise Unreadable(name, f"is damaged gzip: {error}") from error
    if unpacker.unconsumed_tail:
        raise Unreadable(name, f"unpacks to more than {limit // MIB} MiB, the largest report read")
    if not unpacker.eof:
        raise Unreadable(name, "ends in the middle of its gzip stream: truncated")
    return unpacked.removeprefix(b"\xef\xbb\xbf")


def _file(name: str, record: Json, sets: LineSets) -> FileCoverage:
    path = text(record.get("file"))
    lines: list[int] = []
    covered: list[int] = []
    outcomes: dict[int, dict[str, bool]] = {}
    for value in sequence(name, record.get("lines"), f"lines of {path}"):
        line = mapping(name, value, f"a line of {path}")
        number = sets.number(line.get("line_number"))
        lines.append(number)
        if whole(name, line.get("count"), f"the count of a line of {path}") > 0:
            covered.append(number)
        for index, branch in enumerate(sequence(name, line.get("branches", []), f"branches of {path}")):
            hits = whole(name, mapping(name, branch, "a branch").get("count"), f"the count of a branch of {path}")
            here = outcomes.setdefault(number, {})
            here[str(index)] = here.get(str(index), False) or hits > 0
    return FileCoverage(
        path.replace("\\", "/").removeprefix("./"),
        sets.of(lines),
        sets.of(covered),
        named_branches(outcomes),
        functions=_functions(name, record, sets),
    )


def _functions(name: str, record: Json, sets: LineSets) -> tuple[Function, ...]:
    found: set[Function] = set()
    for value in sequence(name, record.get("functions", []), "functions"):
        function = mapping(name, value, "a function")
        bounds = sets.number(function.get("start_line", 0)), sets.number(function.get("end_line", 0))
        found.add(Function(text(function.get("demangled_name")) or text(function.get("name")), *bounds))
    return tuple(sorted(found, key=lambda here: (here.first, here.last, here.name)))
