"""One record of a tracefile: what stands between `SF:` and `end_of_record`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from coverage_gate.merge import UNPLACED
from coverage_gate.model import NO_BRANCHES, Counts, FileCoverage, Function, LineBranches, Lines, Totals
from coverage_gate.readers.document_branches import Shapes, named_branches
from coverage_gate.readers.document_lines import LineSets

_NUMBERS = re.compile(r"\d+,\d+")


class Record:
    """Lines, branches, functions and stated totals of one source file."""

    __slots__ = (
        "_checked",
        "_hits",
        "_is_checked",
        "_numbers",
        "covered",
        "functions",
        "lines",
        "outcomes",
        "path",
        "ranges",
        "totals",
    )

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: Lines = 0
        self.covered: Lines = 0
        self.totals: dict[bytes, int] = {}
        self.outcomes: dict[int, dict[str, bool]] = {}
        self.functions: list[Function] = []
        self.ranges: dict[bytes, tuple[bytes, bytes]] = {}
        self._numbers: list[int] = []
        self._hits: list[int] = []
        self._checked: list[tuple[bool, int]] = []
        self._is_checked = True

    def add(self, lines: Lines, covered: Lines) -> None:
        """Add lines that have no checksum."""
        self.lines |= lines
        self.covered |= covered
        self._is_checked = False

    def add_line(self, number: int, is_hit: bool, is_checked: bool) -> None:
        """Add a line; `is_checked` if it has a checksum and a count of 0 or 1."""
        self._numbers.append(number)
        if is_hit:
            self._hits.append(number)
        if is_checked:
            self._checked.append((not is_hit, number))
        else:
            self._is_checked = False

    def add_outcome(self, number: int, name: str, is_taken: bool) -> None:
        """Add a branch outcome; one that is listed twice is taken if either record says so."""
        here = self.outcomes.get(number)
        if here is None:
            self.outcomes[number] = {name: is_taken}
        else:
            here[name] = here.get(name, False) or is_taken

    def settle(self, sets: LineSets) -> None:
        """Make sets of the lines added one by one. Raises Unreadable."""
        if self._numbers:
            self.lines |= sets.of(self._numbers)
            self.covered |= sets.of(self._hits)

    def stated(self, covered: bytes, total: bytes) -> Counts | None:
        """The totals in a pair of lines (LH and LF, BRH and BRF); None if the record does not state them."""
        found = self.totals.get(total)
        return None if found is None else Counts(min(self.totals.get(covered, 0), found), found)

    @property
    def is_old_coveragepy(self) -> bool:
        """Whether coverage.py up to 7.6.1 wrote this record, told by what no other tool writes together.

        Every DA has a checksum and a count of 0 or 1, the hit lines come first and in order, then the others in order,
        none twice, and branches are numbers (7.6.2 and later write sentences).
        """
        if not self._is_checked or not self._checked:
            return False
        names = (name for here in self.outcomes.values() for name in here)
        in_order = all(one < other for one, other in pairwise(self._checked))
        return in_order and all(_NUMBERS.fullmatch(name) for name in names)

    def coverage(self, shapes: Shapes) -> FileCoverage:
        """The record as a file; totals without lines become its summary."""
        summary = None if self.lines else self._summary()
        functions = self.functions
        if len(functions) > 1:
            functions = sorted(set(functions), key=lambda here: (here.first, here.last, here.name))
        return FileCoverage(
            self.path,
            self.lines,
            self.covered,
            self._branches(shapes) if self.outcomes else NO_BRANCHES,
            self._uncounted() if self._is_checked else 0,
            summary,
            tuple(functions),
        )

    def _summary(self) -> Totals | None:
        stated = self.stated(b"LH", b"LF")
        if stated is None or not stated.total:
            return None
        return Totals(stated, self.stated(b"BRH", b"BRF") or Counts(0, 0))

    def _uncounted(self) -> int:
        """Docstring lines that coverage.py up to 7.6.1 lists as hit but leaves out of LF, and since 7 out of LH."""
        stated = self.stated(b"LH", b"LF")
        if stated is None or not self.is_old_coveragepy:
            return 0
        excess, hits = self.lines.bit_count() - stated.total, self.covered.bit_count()
        return excess if 0 < excess <= hits and stated.covered in (hits, hits - excess) else 0

    def _branches(self, shapes: Shapes) -> Mapping[int, LineBranches]:
        """Branches by line, except that old coverage.py gives the line a branch leads to, not where it is."""
        stated = self.stated(b"BRH", b"BRF")
        if stated is not None and self.is_old_coveragepy:
            return {UNPLACED: LineBranches(stated.covered, stated.total, stated.covered)}
        return named_branches(self.outcomes, shapes)
