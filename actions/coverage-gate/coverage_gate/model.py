"""Immutable coverage model: what the readers produce and everything else works on. No I/O.

A set of lines is an `int` used as a bit set (bit n is line n, 1-based): union, intersection and difference of a
million lines are single machine operations, and merging shards is `|`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

Lines = int
"""A set of line numbers as a bit set: bit n set means line n is in it. Bit 0 is never set."""

LINE_LIMIT = 10_000_000
"""No source file has more lines than this; a report that says so is unreadable (a bit set that size is 1.25 MB)."""

BIT_LIMIT = 1 << 30
"""All line sets of a report together have at most this many bits (128 MiB), whatever line numbers it makes up."""


def lines_of(numbers: Iterable[int]) -> Lines:
    """The bit set of `numbers`, in time linear in count and largest number."""
    wanted = list(numbers)
    if not wanted:
        return 0
    top = max(wanted)
    if top < 256 or len(wanted) * top < 100_000:
        bits = 0
        for number in wanted:
            bits |= 1 << number
        return bits
    digits = bytearray(b"0") * (top + 1)
    for number in wanted:
        digits[top - number] = 49
    return int(digits, 2)


def numbers_of(lines: Lines) -> Iterator[int]:
    """The line numbers in a bit set, ascending, in time linear in its size."""
    digits = bin(lines)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def ranges_of(lines: Lines) -> list[tuple[int, int]]:
    """The same as inclusive ranges of consecutive lines, ascending."""
    ranges: list[tuple[int, int]] = []
    digits = bin(lines)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        end = digits.find("0", at)
        if end < 0:
            end = len(digits)
        ranges.append((at, end - 1))
        at = digits.find("1", end)
    return ranges


class Counts(NamedTuple):
    """Covered out of total, as integers; percentages are only ever made from these."""

    covered: int
    total: int

    def plus(self, other: Counts) -> Counts:
        return Counts(self.covered + other.covered, self.total + other.total)


class LineBranches(NamedTuple):
    """The branch outcomes that start on one line.

    `covered` of `total` were taken. `taken` and `missing` name outcomes where the format does (a destination line, a
    block and branch number): only then do several reports merge exactly. After an inexact merge `covered` is the
    lowest and `at_most` the highest number consistent with the reports; otherwise they are equal.
    """

    covered: int
    total: int
    at_most: int
    taken: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()

    @property
    def named(self) -> bool:
        """True if every outcome is named, so that a union is exact."""
        return len(self.taken) == self.covered and len(self.taken) + len(self.missing) == self.total


class Function(NamedTuple):
    """A function or method and its inclusive line range (`last` is 0 where the format does not say)."""

    name: str
    first: int
    last: int


NO_BRANCHES: Mapping[int, LineBranches] = MappingProxyType({})
NO_CONTEXTS: Mapping[int, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """One source file as one report (or a merge of reports) saw it.

    `lines` are executable, `covered` is a subset. `uncounted` is how many of the covered lines the tool itself does not
    count as executable (coverage.py lists docstring lines as executed): the totals leave them out. `summary` is set
    only by formats that give totals without lines (then `lines` is 0 and no patch coverage can be said). `branches` are
    by line; under 0 (`merge.UNPLACED`) are outcomes that a report counts without saying on which line.
    """

    path: str
    lines: Lines = 0
    covered: Lines = 0
    branches: Mapping[int, LineBranches] = field(default_factory=lambda: NO_BRANCHES)
    uncounted: int = 0
    summary: Totals | None = None
    functions: tuple[Function, ...] = ()
    contexts: Mapping[int, tuple[str, ...]] = field(default_factory=lambda: NO_CONTEXTS)

    @property
    def line_counts(self) -> Counts:
        if self.summary is not None:
            return self.summary.lines
        return Counts(self.covered.bit_count() - self.uncounted, self.lines.bit_count() - self.uncounted)

    @property
    def branch_counts(self) -> Counts:
        """Branch outcomes taken (at least) of all."""
        if self.summary is not None:
            return self.summary.branches
        covered = total = 0
        for here in self.branches.values():
            covered += here.covered
            total += here.total
        return Counts(covered, total)


class Totals(NamedTuple):
    """Line and branch counts together; no branches measured is `Counts(0, 0)`."""

    lines: Counts
    branches: Counts = Counts(0, 0)

    @classmethod
    def none(cls) -> Totals:
        return cls(Counts(0, 0), Counts(0, 0))

    def plus(self, other: Totals) -> Totals:
        return Totals(self.lines.plus(other.lines), self.branches.plus(other.branches))


@dataclass(frozen=True, slots=True)
class Report:
    """One coverage report, read.

    `path` is relative to the workspace; `format` a name of `readers.READERS`. `claimed` are the totals the report's own
    header states, if any, whether or not its lines agree; `believed` the totals to judge by where they differ from
    the sum over `files` (None: the sum). `sources` are the report's source roots. `statements` are statement counts
    for formats that measure statements (Go). `doubts` are sentences on why the report may not be the whole truth
    (repairs made, header and lines that disagree). `complete` is False, with `reason`, when part of it is missing.
    `measured_at` is seconds since the epoch if the report says, `commit` a SHA if it says.
    """

    path: str
    format: str
    files: tuple[FileCoverage, ...]
    claimed: Totals | None = None
    believed: Totals | None = None
    tool: str = ""
    version: str = ""
    sources: tuple[str, ...] = ()
    statements: Counts | None = None
    doubts: tuple[str, ...] = ()
    complete: bool = True
    reason: str = ""
    measured_at: float | None = None
    commit: str = ""
    _counted: Totals | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def counted(self) -> Totals:
        """The sum over the files."""
        # Kept, because half a dozen places ask and 20,000 files take 40 ms to add up.
        if (known := self._counted) is None:
            known = _sum_of(self.files)
            object.__setattr__(self, "_counted", known)
        return known

    @property
    def totals(self) -> Totals:
        """The totals to judge by: `believed`, or else the sum over the files."""
        return self.believed if self.believed is not None else self.counted


def _sum_of(files: Iterable[FileCoverage]) -> Totals:
    lines_covered = lines = branches_covered = branches = 0
    for file in files:
        covered, total = file.line_counts
        lines_covered += covered
        lines += total
        covered, total = file.branch_counts
        branches_covered += covered
        branches += total
    return Totals(Counts(lines_covered, lines), Counts(branches_covered, branches))
