"""Go cover profiles (`go test -coverprofile`), as golang.org/x/tools/cover reads them.

A profile lists blocks, `file:line.column,line.column statements count`. Blocks are no lines: the same block is repeated
once per test binary, and a line is covered if any block that spans it ran. Go's own percentage counts statements, so a
report carries both: lines like every other format, and `statements` as `go tool cover -func` counts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from actionkit.errors import Unreadable
from actionkit.jsondoc import utf8
from coverage_gate.model import Counts, FileCoverage, Report
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.source import Reader, Source

Span = tuple[int, int, int, int]
"""First line and column, last line and column of a block."""

_MODE = re.compile(rb"mode: (set|count|atomic)")
_BLOCK = re.compile(rb"(.+):(\d{1,9})\.(\d{1,9}),(\d{1,9})\.(\d{1,9}) (\d{1,9}) (\d+)")
_MODULE = re.compile(r'^module[ \t]+(?:"([^"\s]+)"|`([^`\s]+)`|([^\s"`]+))', re.MULTILINE)


class _File:
    """The blocks of one file: statements and whether any test binary ran them."""

    def __init__(self) -> None:
        self.blocks: dict[Span, tuple[int, bool]] = {}

    def add(self, span: Span, statements: int, is_hit: bool) -> None:
        known = self.blocks.get(span)
        self.blocks[span] = (statements, is_hit) if known is None else (max(known[0], statements), known[1] or is_hit)

    def coverage(self, path: str, sets: LineSets) -> FileCoverage:
        spanned = [(first, last) for first, _, last, _ in self.blocks]
        ran = [(first, last) for (first, _, last, _), (_, is_hit) in self.blocks.items() if is_hit]
        return FileCoverage(path, sets.of_ranges(spanned), sets.of_ranges(ran))

    def statements(self) -> Counts:
        covered = sum(statements for statements, is_hit in self.blocks.values() if is_hit)
        return Counts(covered, sum(statements for statements, _ in self.blocks.values()))


def recognises(head: bytes) -> bool:
    """Whether the first line is a cover profile's mode."""
    return _MODE.fullmatch(utf8(head).split(b"\n", 1)[0].strip()) is not None


def read(source: Source) -> Report:
    """Read a Go cover profile. Raises Unreadable(name, reason, line).

    Paths begin with the import path of the module; where `go.mod` stands in the source root, it is taken off.
    """
    data = utf8(source.read())
    module = _module(source)
    sets = LineSets(source.name)
    files: dict[str, _File] = {}
    modes: list[bytes] = []
    for number, line in _lines(data):
        mode = _MODE.fullmatch(line)
        if mode is not None:
            modes.append(mode[1])
            continue
        block = _BLOCK.fullmatch(line)
        if block is None or not modes:
            raise Unreadable(source.name, _what_is_wrong(data, line, bool(modes)), number)
        first, column, last, end_column, statements = map(int, block.group(2, 3, 4, 5, 6))
        if sets.number(first, number) > sets.number(last, number):
            raise Unreadable(source.name, f"has a block from line {first} back to line {last}", number)
        path = _path(block[1], module)
        files.setdefault(path, _File()).add((first, column, last, end_column), statements, bool(block[7].strip(b"0")))
    statements_of_all = Counts(0, 0)
    for file in files.values():
        statements_of_all = statements_of_all.plus(file.statements())
    is_whole = data.endswith(b"\n")
    return Report(
        source.name,
        READER.name,
        tuple(file.coverage(path, sets) for path, file in files.items()),
        tool="go",
        statements=statements_of_all,
        doubts=_doubts(modes),
        complete=is_whole,
        reason="" if is_whole else "its last line has no end: the file is truncated",
    )


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    for number, raw in enumerate(data.split(b"\n"), start=1):
        line = raw.strip()
        if line:
            yield number, line


def _what_is_wrong(data: bytes, line: bytes, has_mode: bool) -> str:
    shown = line[:60].decode("utf-8", "replace")
    if not has_mode:
        return f"{shown!r} stands before the line `mode: set|count|atomic`"
    if data.rstrip().endswith(line) and not data.endswith(b"\n"):
        return f"{shown!r} is cut off: the file is truncated"
    return f"{shown!r} is not `file:line.column,line.column statements count`"


def _doubts(modes: list[bytes]) -> tuple[str, ...]:
    if len(modes) < 2:
        return ()
    kinds = ", ".join(sorted({mode.decode() for mode in modes}))
    return (f"It is {len(modes)} profiles in one file ({kinds}), which `go tool cover` would refuse.",)


def _path(text: bytes, module: str) -> str:
    path = text.decode("utf-8", "replace").replace("\\", "/").removeprefix("./")
    return path.removeprefix(module + "/") if module else path


def _module(source: Source) -> str:
    """The module's import path from `go.mod` in the source root, or ""."""
    try:
        with (source.root / "go.mod").open("rb") as file:
            found = _MODULE.search(file.read(64 * 1024).decode("utf-8", "replace"))
    except OSError:
        return ""
    return next((name for name in found.groups() if name), "") if found else ""


READER = Reader("go", recognises, read)
