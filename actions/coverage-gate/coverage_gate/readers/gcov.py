"""gcov's annotated source (`file.c.gcov`), one or several in a file; its JSON is read by gcov_json.

The format is described in "Invoking gcov" of the GCC manual: `count:line:source`, where the count is `-` for no code,
`#####` or `=====` for code that never ran, and else a number, with `*` if a block of the line never ran and with a
decimal suffix if gcov was asked for human-readable ones. Templates repeat their lines once per instance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from actionkit.errors import Unreadable
from actionkit.jsondoc import utf8
from coverage_gate.merge import merge
from coverage_gate.model import FileCoverage, Function, Report
from coverage_gate.readers import gcov_json
from coverage_gate.readers.document_branches import named_branches
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.source import MIB, Reader, Source

_LINE = re.compile(rb"\s*([^\s:]+):\s*(\d{1,12}):(.*)")
_BLOCK = re.compile(rb"\s*[^\s:]+:\s*\d+-block\s+\d+.*")
_BRANCH = re.compile(rb"branch\s+(\d{1,9}) (?:never executed|taken (\S+)).*")
_COUNT = re.compile(rb"(\d+(?:\.\d+)?)[kMGTPEZY]?\*?")
_NOT_RUN = frozenset((b"#####", b"=====", b"$$$$$", b"%%%%%"))
_ASIDE = (b"function ", b"call ", b"unconditional ", b"-----")
_HEADER = re.compile(rb"\s*-:\s*0:Source:")


def recognises(head: bytes) -> bool:
    """Whether it begins like annotated source, or is gcov JSON, compressed or not."""
    return _HEADER.match(utf8(head)) is not None or gcov_json.recognises(head)


def read(source: Source) -> Report:
    """Read gcov's text or JSON. Raises Unreadable(name, reason, line)."""
    data = source.read()
    if gcov_json.recognises(data[: 64 * 1024]):
        return gcov_json.report(source.name, READER.name, data)
    return _Text(source, utf8(data)).report()


@dataclass(slots=True)
class _Listing:
    """One annotated source file."""

    path: str
    lines: list[int] = field(default_factory=list)
    covered: list[int] = field(default_factory=list)
    outcomes: dict[int, dict[str, bool]] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)
    last: int = 0
    has_source: bool = True

    def coverage(self, sets: LineSets) -> FileCoverage:
        return FileCoverage(
            self.path,
            sets.of(self.lines),
            sets.of(self.covered),
            named_branches(self.outcomes),
            functions=tuple(self.functions),
        )


class _Text:
    """Reads annotated sources line by line."""

    def __init__(self, source: Source, data: bytes) -> None:
        self._source, self._data = source, data
        self._listings: list[_Listing] = []
        self._called: list[str] = []
        self._unknown = 0
        self._first_unknown = ""

    def report(self) -> Report:
        for number, line in enumerate(self._data.split(b"\n"), start=1):
            if line.strip():
                self._read_line(line, number)
        sets = LineSets(self._source.name)
        merged = merge(listing.coverage(sets) for listing in self._listings)
        reason = self._what_is_cut_off()
        doubts = merged.doubts
        if self._unknown:
            doubts += (f"{self._unknown} lines are not gcov's, the first {self._first_unknown}.",)
        return Report(
            self._source.name,
            READER.name,
            tuple(merged.files.values()),
            tool="gcov",
            doubts=doubts,
            complete=not reason,
            reason=reason,
        )

    def _read_line(self, line: bytes, number: int) -> None:
        found = _LINE.fullmatch(line)
        if found is not None:
            self._read_source_line(found[1], int(found[2]), found[3], number)
            return
        branch = _BRANCH.fullmatch(line)
        if branch is not None:
            self._read_branch(branch[1].decode(), branch[2], number)
        elif line.startswith(b"function "):
            self._called.append(line[9:].partition(b" called ")[0].decode("utf-8", "replace"))
        elif not line.startswith(_ASIDE) and not line.rstrip().endswith(b":") and not _BLOCK.fullmatch(line):
            self._unknown += 1
            self._first_unknown = self._first_unknown or f"at line {number}: {line[:40].decode('utf-8', 'replace')!r}"

    def _read_source_line(self, count: bytes, line: int, text: bytes, number: int) -> None:
        if line == 0:
            tag, _, value = text.partition(b":")
            if tag == b"Source":
                path = value.decode("utf-8", "replace").strip().replace("\\", "/").removeprefix("./")
                self._listings.append(_Listing(path))
            return
        listing = self._listing(number)
        listing.last = max(listing.last, line)
        listing.has_source &= text != b"/*EOF*/"
        is_hit = self._is_hit(count, number)
        if is_hit is None:
            return
        listing.lines.append(line)
        if is_hit:
            listing.covered.append(line)
        listing.functions += [Function(name, line, 0) for name in self._called]
        self._called.clear()

    def _read_branch(self, name: str, taken: bytes | None, number: int) -> None:
        listing = self._listing(number)
        if not listing.lines:
            raise Unreadable(self._source.name, "has a branch before any line", number)
        is_taken = taken is not None and bool(self._is_hit(taken.rstrip(b"%"), number))
        here = listing.outcomes.setdefault(listing.lines[-1], {})
        here[name] = here.get(name, False) or is_taken

    def _is_hit(self, count: bytes, number: int) -> bool | None:
        """Whether code ran; None where there is none."""
        if count == b"-":
            return None
        if count.rstrip(b"*") in _NOT_RUN:
            return False
        found = _COUNT.fullmatch(count)
        if found is None:
            raise Unreadable(self._source.name, f"{count[:40].decode('utf-8', 'replace')!r} is not a count", number)
        return bool(found[1].strip(b"0."))

    def _listing(self, number: int) -> _Listing:
        if not self._listings:
            raise Unreadable(self._source.name, "has lines before `0:Source:`", number)
        return self._listings[-1]

    def _what_is_cut_off(self) -> str:
        """Why part of the listing is missing. gcov lists a source to its end, so fewer lines mean a cut or a change."""
        if not self._data.endswith(b"\n"):
            return "its last line has no end: the file is truncated"
        for listing in self._listings:
            have = _lines_in(self._source, listing.path)
            if listing.has_source and have is not None and listing.last < have:
                return (
                    f"it lists {listing.last} of the {have} lines of {listing.path}: "
                    "it is truncated, or the source has changed since"
                )
        return ""


def _lines_in(source: Source, path: str) -> int | None:
    """How many lines the source file has, if it lies in the source root and is a plain file of sensible size."""
    try:
        root = source.root.resolve()
        file = (root / path).resolve()
        if not file.is_relative_to(root) or not file.is_file() or file.stat().st_size > 64 * MIB:
            return None
        data = file.read_bytes()
    except (OSError, ValueError):
        return None
    return data.count(b"\n") + (not data.endswith(b"\n"))


READER = Reader("gcov", recognises, read)
