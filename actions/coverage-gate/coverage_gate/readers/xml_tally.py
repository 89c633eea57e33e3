"""Adds up lines, branches and functions file by file, the way every XML format here counts them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

from actionkit.xmldoc import Malformed
from coverage_gate.model import (
    BIT_LIMIT,
    LINE_LIMIT,
    NO_BRANCHES,
    FileCoverage,
    Function,
    LineBranches,
    Lines,
    Totals,
    lines_of,
)


def better(one: LineBranches, other: LineBranches) -> LineBranches:
    """The better of two records of one line: more taken, then more known. The order of the two does not matter."""
    return max(one, other, key=lambda here: (here.covered, here.total, sorted(here.missing)))


class LineRecords:
    """The line records of one stretch of a report, in any order, repeated or not."""

    def __init__(self) -> None:
        self.seen = 0
        self.branches: dict[int, LineBranches] = {}
        self._lines = array("I")
        self._covered = array("I")

    def add(self, number: int, is_covered: bool, branches: LineBranches | None = None) -> None:
        """Take one record. Line 0 stands for "no line" in several tools and is left out.

        Raises Malformed for a number no line can have.
        """
        self.seen += 1
        if number == 0:
            return
        if not 0 < number <= LINE_LIMIT:
            raise Malformed(f"names line {number}; no file has more than {LINE_LIMIT} lines")
        self._lines.append(number)
        if is_covered:
            self._covered.append(number)
        if branches is not None:
            known = self.branches.get(number)
            self.branches[number] = branches if known is None else better(known, branches)

    @property
    def lines(self) -> Lines:
        return lines_of(self._lines)

    @property
    def covered(self) -> Lines:
        return lines_of(self._covered)


class _File:
    __slots__ = ("branches", "covered", "functions", "lines", "summary")

    def __init__(self) -> None:
        self.lines: Lines = 0
        self.covered: Lines = 0
        self.branches: dict[int, LineBranches] | None = None
        self.functions: list[Function] = []
        self.summary: Totals | None = None


class Tally:
    """The files of a report. A line that is listed twice is covered if either record says so; best branches win."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._bits = 0

    def add(self, path: str, lines: Lines, covered: Lines, branches: Mapping[int, LineBranches] = NO_BRANCHES) -> None:
        """Merge records into the file at `path`. Raises Malformed when the report asks for too many bits."""
        self._bits += lines.bit_length() + covered.bit_length()
        if self._bits > BIT_LIMIT:
            raise Malformed(f"names lines so high that their sets take more than {BIT_LIMIT >> 23} MiB")
        file = self._file(path)
        file.lines |= lines
        file.covered |= covered
        if not branches:
            return
        if file.branches is None:
            file.branches = dict(branches)
            return
        for number, here in branches.items():
            known = file.branches.get(number)
            file.branches[number] = here if known is None else better(known, here)

    def add_records(self, path: str, records: LineRecords) -> None:
        """The same for collected records."""
        self.add(path, records.lines, records.covered, records.branches)

    def add_function(self, path: str, function: Function) -> None:
        self._file(path).functions.append(function)

    def add_summary(self, path: str, totals: Totals) -> None:
        """Counts for a file that the report lists without its lines; only used if no line turns up elsewhere."""
        file = self._file(path)
        file.summary = totals if file.summary is None else file.summary.plus(totals)

    def files(self) -> tuple[FileCoverage, ...]:
        """What was added, in the order of first mention."""
        return tuple(
            FileCoverage(
                path,
                file.lines,
                file.covered,
                NO_BRANCHES if file.branches is None else file.branches,
                summary=None if file.lines else file.summary,
                functions=tuple(sorted(file.functions, key=lambda here: (here.first, here.last, here.name))),
            )
            for path, file in self._files.items()
        )

    def _file(self, path: str) -> _File:
        path = path.replace("\\", "/")
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = _File()
        return file
