"""llvm-cov's JSON export (`llvm-cov export`, `cargo llvm-cov --json`), versions 2.x and 3.x.

Lines come from segments by the rules of LLVM's LineCoverageStats (llvm/lib/ProfileData/Coverage/CoverageMapping.cpp).
The export's own totals count the lines of each function, so a line shared by two functions counts twice; where the two
disagree the totals are believed, being what `llvm-cov report` shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from actionkit.jsondoc import Json, has, mapping, outline, sequence, text, whole
from coverage_gate.merge import merge
from coverage_gate.model import Counts, FileCoverage, Function, Report, Totals
from coverage_gate.readers.document import counts, load
from coverage_gate.readers.document_branches import named_branches
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.source import Reader, Source
from coverage_gate.readers.xml_claims import doubts_about


class Segment(NamedTuple):
    """Where the count of the text changes, from `line` to the next segment. `is_gap` text makes no line covered."""

    line: int
    hits: int
    has_count: bool
    is_entry: bool
    is_gap: bool

    @property
    def starts_region(self) -> bool:
        return self.has_count and self.is_entry and not self.is_gap


class Stretch(NamedTuple):
    """Inclusive range of executable lines that share a count."""

    first: int
    last: int
    is_hit: bool


def recognises(head: bytes) -> bool:
    """Whether `data` lists exports whose files have names."""
    plain = head.replace(b"\0", b"")
    if b"filename" not in plain and b"llvm.coverage" not in plain:
        return False
    found = outline(head)
    return has(found, "data", "[]", "files", "[]", "filename") or (
        has(found, "data", "[]") and b"llvm.coverage" in plain
    )


def read(source: Source) -> Report:
    """Read an llvm-cov export. Raises Unreadable(name, reason, line)."""
    document = load(source)
    exports = [
        mapping(source.name, export, "an export") for export in sequence(source.name, document.get("data"), "data")
    ]
    sets = LineSets(source.name)
    functions = _functions(source.name, exports, sets)
    records = [
        _File(source.name, mapping(source.name, record, "a file"), sets)
        for export in exports
        for record in sequence(source.name, export.get("files"), "files")
    ]
    merged = merge(record.coverage(functions.get(record.path, ())) for record in records)
    files = tuple(merged.files.values())
    claimed = Totals(Counts(0, 0))
    for export in exports:
        claimed = claimed.plus(_summary(source.name, export.get("totals"), "totals"))
    counted = Report(source.name, READER.name, files).counted
    tool, version = _tool(document)
    return Report(
        source.name,
        READER.name,
        files,
        claimed=claimed,
        believed=claimed if claimed != counted else None,
        tool=tool,
        version=version,
        doubts=(
            *merged.doubts,
            *doubts_about(claimed.lines, counted.lines, "lines"),
            *doubts_about(claimed.branches, counted.branches, "branches"),
        ),
    )


def _tool(document: Json) -> tuple[str, str]:
    cargo = document.get("cargo_llvm_cov")
    if isinstance(cargo, dict):
        return "cargo-llvm-cov", text(cargo.get("version"))
    return "llvm-cov", text(document.get("version"))


def _summary(name: str, value: object, what: str) -> Totals:
    record = mapping(name, value, what)
    lines = mapping(name, record.get("lines"), f"lines of {what}")
    branches = mapping(name, record.get("branches", {}), f"branches of {what}")
    return Totals(
        counts(name, lines.get("covered"), lines.get("count"), f"lines of {what}"),
        counts(name, branches.get("covered", 0), branches.get("count", 0), f"branches of {what}"),
    )


def _functions(name: str, exports: list[Json], sets: LineSets) -> dict[str, tuple[Function, ...]]:
    """Functions by the file of their first region, which spans the body."""
    found: dict[str, set[Function]] = {}
    for export in exports:
        for value in sequence(name, export.get("functions", []), "functions"):
            function = mapping(name, value, "a function")
            paths = sequence(name, function.get("filenames", []), "filenames")
            regions = sequence(name, function.get("regions", []), "regions")
            if not paths or not regions:
                continue
            body = (*sequence(name, regions[0], "a region"), None, None, None)
            bounds = sets.number(body[0]), sets.number(body[2])
            found.setdefault(text(paths[0]), set()).add(Function(text(function.get("name")), *bounds))
    return {
        path: tuple(sorted(here, key=lambda function: (function.first, function.last, function.name)))
        for path, here in found.items()
    }


class _File:
    """One entry of `files`."""

    def __init__(self, name: str, record: Json, sets: LineSets) -> None:
        self._name, self._record, self._sets = name, record, sets
        self.path = text(record.get("filename"))

    def coverage(self, functions: tuple[Function, ...]) -> FileCoverage:
        path = self.path.replace("\\", "/")
        if not self._record.get("segments"):
            summary = _summary(self._name, self._record.get("summary"), f"the summary of {self.path}")
            return FileCoverage(path, summary=summary, functions=functions)
        stretches = list(stretches_of(self._segments()))
        return FileCoverage(
            path,
            self._sets.of_ranges([(here.first, here.last) for here in stretches]),
            self._sets.of_ranges([(here.first, here.last) for here in stretches if here.is_hit]),
            named_branches(self._outcomes()),
            functions=functions,
        )

    def _segments(self) -> list[Segment]:
        segments: list[Segment] = []
        for value in sequence(self._name, self._record.get("segments"), f"segments of {self.path}"):
            fields = (*sequence(self._name, value, f"a segment of {self.path}"), *[None] * 6)
            line = self._sets.number(fields[0])
            hits = whole(self._name, fields[2], f"the count of a segment of {self.path}")
            segments.append(Segment(line, hits, bool(fields[3]), bool(fields[4]), bool(fields[5])))
        return segments

    def _outcomes(self) -> dict[int, dict[str, bool]]:
        """Two outcomes per branch region, named by its place; instantiations of one template repeat it."""
        outcomes: dict[int, dict[str, bool]] = {}
        for value in sequence(self._name, self._record.get("branches", []), f"branches of {self.path}"):
            fields = (*sequence(self._name, value, f"a branch of {self.path}"), *[None] * 6)
            line = self._sets.number(fields[0])
            place = ":".join(str(field)[:12] for field in fields[:4])
            here = outcomes.setdefault(line, {})
            for name, hits in ((f"{place} true", fields[4]), (f"{place} false", fields[5])):
                is_taken = whole(self._name, hits, f"the count of a branch of {self.path}") > 0
                here[name] = here.get(name, False) or is_taken
        return outcomes


def stretches_of(segments: list[Segment]) -> Iterator[Stretch]:
    """The executable lines that segments describe, ascending.

    A line is executable if a counted region starts on it or the text that reaches it is counted, unless it begins with
    the start of skipped text; its count is the highest of those. Lines between segments follow the text they stand in.
    """
    wrapped: Segment | None = None
    previous = 0
    for line, group in groupby(sorted(segments, key=lambda segment: segment.line), key=lambda segment: segment.line):
        here = list(group)
        if wrapped is not None and wrapped.has_count and line - previous > 1:
            yield Stretch(previous + 1, line - 1, wrapped.hits > 0)
        started = [segment.hits for segment in here if segment.starts_region]
        is_skipped = here[0].is_entry and not here[0].has_count
        if not is_skipped and (started or (wrapped is not None and wrapped.has_count)):
            reaching = [wrapped.hits] if wrapped is not None else []
            yield Stretch(line, line, max(*started, *reaching, 0) > 0)
        wrapped, previous = here[-1], line


READER = Reader("llvm", recognises, read)
