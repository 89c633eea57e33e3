"""OpenCover XML, as written by OpenCover, coverlet and AltCover.

A line counts if a sequence point starts on it (`sl`), and is covered if any such point was visited (`vc`). A branch
outcome is a branch point, known by its method, IL offset and path. Generic and partial classes list the same points
more than once: any visit counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from actionkit.xmldoc import Attributes, Elements, parse, root_of, whole
from coverage_gate.model import Counts, Function, LineBranches, Report, Totals
from coverage_gate.readers.source import Reader, Source
from coverage_gate.readers.xml_claims import count, doubts_about
from coverage_gate.readers.xml_tally import LineRecords, Tally

_HIDDEN = 0xFEEFEE
"""The line number compilers give to code that stands on no line (PDB format)."""


class _Point(NamedTuple):
    path: str
    line: int
    last_line: int
    offset: int
    is_visited: bool


@dataclass(slots=True)
class _Seen:
    points: int = 0
    visited_points: int = 0
    branches: int = 0
    visited_branches: int = 0


class _Outcome(NamedTuple):
    attributes: Attributes
    is_visited: bool


def recognises(head: bytes) -> bool:
    """Whether the root is `<CoverageSession>`."""
    root = root_of(head)
    return root is not None and root.name == "CoverageSession"


def read(source: Source) -> Report:
    """Read an OpenCover report. Raises Unreadable(name, reason, line)."""
    lane = _Lane()
    parse(source.name, source.read(), lane.elements())
    return lane.report(source.name)


class _Lane:
    """The actions of the XML parser on an OpenCover document."""

    def __init__(self) -> None:
        self._version = ""
        self._summary: Attributes | None = None
        self._files: dict[str, str] = {}
        self._in_module = False
        self._is_skipped = False
        self._method = ""
        self._file_ref = ""
        self._points: list[_Point] = []
        self._outcomes: list[_Outcome] = []
        self._records: dict[str, LineRecords] = {}
        self._branches: dict[str, dict[int, dict[str, bool]]] = {}
        self._tally = Tally()
        self._seen = _Seen()
        self._unplaced = 0

    def elements(self) -> Elements:
        return Elements(
            root="CoverageSession",
            opens={
                "CoverageSession": self._session,
                "Summary": self._summary_of,
                "Module": self._module,
                "File": self._file,
                "Method": self._method_start,
                "FileRef": self._file_ref_of,
                "SequencePoint": self._sequence_point,
                "BranchPoint": self._branch_point,
            },
            closes={"Module": self._module_end, "Method": self._method_end, "CoverageSession": self._session_end},
            texts={"Name": self._name},
        )

    def report(self, name: str) -> Report:
        lines = count(self._summary or {}, "visitedSequencePoints", "numSequencePoints")
        branches = count(self._summary or {}, "visitedBranchPoints", "numBranchPoints")
        return Report(
            name,
            "opencover",
            self._tally.files(),
            claimed=Totals(lines, branches or Counts(0, 0)) if lines is not None else None,
            tool="OpenCover" if self._version else "",
            version=self._version,
            doubts=self._doubts(lines, branches),
        )

    def _doubts(self, lines: Counts | None, branches: Counts | None) -> tuple[str, ...]:
        # OpenCover adds the entry of every method to the branch points of a summary, coverlet does not.
        methods = count(self._summary or {}, "visitedMethods", "numMethods")
        points = Counts(self._seen.visited_points, self._seen.points)
        outcomes = Counts(self._seen.visited_branches, self._seen.branches)
        doubts = doubts_about(lines, points, "sequence points visited")
        if branches != outcomes.plus(methods or Counts(0, 0)):
            doubts += doubts_about(branches, outcomes, "branch points visited")
        if self._unplaced:
            doubts += (f"{self._unplaced} points belong to no file the report lists and were not counted.",)
        return doubts

    def _session(self, attributes: Attributes) -> None:
        self._version = self._version or attributes.get("Version", "")

    def _session_end(self) -> None:
        for path, records in self._records.items():
            for line, outcomes in self._branches.get(path, {}).items():
                records.branches[line] = _named(outcomes)
            self._tally.add_records(path, records)

    def _summary_of(self, attributes: Attributes) -> None:
        if not self._in_module and self._summary is None:
            self._summary = attributes

    def _module(self, attributes: Attributes) -> None:
        self._in_module = True
        self._is_skipped = "skippedDueTo" in attributes
        self._files = {}

    def _module_end(self) -> None:
        self._in_module = self._is_skipped = False

    def _file(self, attributes: Attributes) -> None:
        path = attributes.get("fullPath")
        if path is not None and not self._is_skipped:
            self._files[attributes.get("uid", "")] = path

    def _method_start(self, _attributes: Attributes) -> None:
        self._method = self._file_ref = ""
        self._points = []
        self._outcomes = []

    def _name(self, text: str) -> None:
        self._method = text

    def _file_ref_of(self, attributes: Attributes) -> None:
        self._file_ref = attributes.get("uid", "")

    def _sequence_point(self, attributes: Attributes) -> None:
        if self._is_skipped:
            return
        line = whole(attributes, "sl", "SequencePoint")
        is_visited = whole(attributes, "vc", "SequencePoint") > 0
        self._seen.points += 1
        self._seen.visited_points += is_visited
        if line == _HIDDEN:
            return
        path = self._path(attributes)
        if path is None:
            self._unplaced += 1
            return
        last = whole(attributes, "el", "SequencePoint") if "el" in attributes else line
        offset = whole(attributes, "offset", "SequencePoint") if "offset" in attributes else 0
        self._points.append(_Point(path, line, last, offset, is_visited))

    def _branch_point(self, attributes: Attributes) -> None:
        if self._is_skipped:
            return
        is_visited = whole(attributes, "vc", "BranchPoint") > 0
        self._seen.branches += 1
        self._seen.visited_branches += is_visited
        self._outcomes.append(_Outcome(attributes, is_visited))

    def _method_end(self) -> None:
        for point in self._points:
            self._records_of(point.path).add(point.line, point.is_visited)
        for outcome in self._outcomes:
            self._add_outcome(outcome)
        placed = [point for point in self._points if point.line]
        if placed:
            name = self._method.partition("(")[0].rpartition(" ")[2]
            here = [point for point in placed if point.path == placed[0].path]
            first, last = min(point.line for point in here), max(point.last_line for point in here)
            self._tally.add_function(here[0].path, Function(name, first, last))

    def _add_outcome(self, outcome: _Outcome) -> None:
        offset, way = outcome.attributes.get("offset", ""), outcome.attributes.get("path", "")
        if "sl" in outcome.attributes:
            path, line = self._path(outcome.attributes), whole(outcome.attributes, "sl", "BranchPoint")
        else:
            path, line = _place(self._points, whole(outcome.attributes, "offset", "BranchPoint"))
        if path is None:
            self._unplaced += 1
        elif line not in {0, _HIDDEN}:
            # A branch may start on a line without a sequence point of its own; then its line is not executable.
            outcomes = self._branches.setdefault(path, {}).setdefault(line, {})
            self._records_of(path)
            name = f"{self._method} {offset} {way}"
            outcomes[name] = outcomes.get(name, False) or outcome.is_visited

    def _path(self, attributes: Attributes) -> str | None:
        """The file of a point; OpenCover 4.5 and older only say the file of the method."""
        return self._files.get(attributes.get("fileid", "")) or self._files.get(self._file_ref)

    def _records_of(self, path: str) -> LineRecords:
        return self._records.setdefault(path, LineRecords())


def _place(points: Iterable[_Point], offset: int) -> tuple[str | None, int]:
    """File and line of the code at an IL offset: those of the last sequence point before it."""
    before = [point for point in points if point.offset <= offset]
    if not before:
        return None, 0
    nearest = max(before, key=lambda point: point.offset)
    return nearest.path, nearest.line


def _named(outcomes: dict[str, bool]) -> LineBranches:
    taken = frozenset(name for name, is_visited in outcomes.items() if is_visited)
    missing = frozenset(outcomes) - taken
    return LineBranches(len(taken), len(outcomes), len(taken), taken, missing)


READER = Reader("opencover", recognises, read)
