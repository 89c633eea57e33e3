"""Collects the records of a tracefile: plain runs of DA lines at once, everything else one careful line at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, FileCoverage, Function, Lines, Totals
from coverage_gate.readers.document_branches import Shapes
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.lcov_record import Record
from coverage_gate.readers.lcov_runs import Runs

_PASSED_OVER = frozenset((b"TN", b"VER", b"FNF", b"FNH", b"FNDA", b"MCDC", b"MCF", b"MCH"))
"""What is not counted here: test names, versions, function hits, MC/DC."""

_CHECKSUM_LENGTH = 22
"""Characters of a base64 MD5 without padding: what geninfo and coverage.py write behind a count."""
_NOTHING = Counts(0, 0)


_NAME = re.compile(rb"(?:TN:[^\n]*\n)?SF:([^\n]*[^\s])\n")
_BRANCH = re.compile(rb"BRDA:(\d{1,7}),(\w{1,9},\w{1,9}),(0|[1-9]\d*|-)\n")
_NOT_TAKEN = (b"0", b"-")
NAMES_KEPT = 4096
_TOTALS = re.compile(rb"(?:LF:(\d{1,12})\nLH:(\d{1,12})\n)?")


def _path(text: bytes) -> str:
    return text.decode("utf-8", "replace").strip().replace("\\", "/").removeprefix("./")


class _Noted:
    """Lines of one kind that are passed over or repaired: how many, and the first."""

    def __init__(self) -> None:
        self.count = 0
        self.first = ""

    def add(self, first: str) -> None:
        self.count += 1
        self.first = self.first or first


class Tracefile:
    """Reads records into `files`. Raises Unreadable(name, reason, line) for lines that say nothing sound.

    `claimed` is the sum of the totals that records state, None if one with lines states none; `agrees` is whether
    every statement is what the lines of its record add up to.
    """

    def __init__(self, name: str) -> None:
        self.files: list[FileCoverage] = []
        self.is_old_coveragepy = False
        self.agrees = True
        self._name = name
        self._sets = LineSets(name)
        self._runs = Runs(self._sets)
        self._piece = b""
        self._lines_before = 0
        self._section = 0
        self._nth = 0
        self._open: Record | None = None
        self._stated = [0, 0, 0, 0]
        self._is_stated = True
        self._shapes: Shapes = {}
        self._names: dict[bytes, str] = {}
        self._unknown, self._odd, self._unclosed = _Noted(), _Noted(), _Noted()
        self._readers: Mapping[bytes, Callable[[bytes], None]] = {
            b"SF": self._source_file,
            b"DA": self._line,
            b"BRDA": self._branch,
            b"FN": self._function,
            b"FNL": self._function_of_index,
            b"FNA": self._function_alias,
            **{key: self._total(key) for key in (b"LF", b"LH", b"BRF", b"BRH")},
        }

    @property
    def claimed(self) -> Totals | None:
        lines_covered, lines, covered, total = self._stated
        if not self.files or not self._is_stated:
            return None
        return Totals(Counts(lines_covered, lines), Counts(covered, total))

    def start(self, piece: bytes) -> None:
        """Go on to the next piece of the text, which begins with a line."""
        self._lines_before += self._piece.count(b"\n")
        self._piece = piece

    def read_record(self, start: int, end: int) -> None:
        """Read the record in `piece[start:end]`, without its last line `end_of_record`."""
        first, last = self._run_of(b"DA:", start, end)
        found = self._runs.read(self._piece[first:last]) if first < last else None
        if found is None:
            self._read_lines(start, end)
        elif self._read_plain(start, first, last, end, *found):
            return
        else:
            self._read_around_branches(start, first)
            self._section, self._nth = first, 0
            self._record().add(*found)
            self._read_around_branches(last, end)
        self._close()

    def _run_of(self, marker: bytes, start: int, end: int) -> tuple[int, int]:
        """From the first to the last line in `piece[start:end]` that begins with `marker`; nothing is (0, 0)."""
        before = max(0, start - 1)
        first = self._piece.find(b"\n" + marker, before, end) + 1
        if not first:
            return 0, 0
        return first, self._piece.find(b"\n", self._piece.rfind(b"\n" + marker, before, end) + 1, end) + 1

    def _read_around_branches(self, start: int, end: int) -> None:
        """Read lines, a run of plain BRDA lines among them at once."""
        first, last = self._run_of(b"BRDA:", start, end)
        found = _BRANCH.findall(self._piece, first, last) if first < last else []
        if not found or len(found) != self._piece.count(b"\n", first, last):
            self._read_lines(start, end)
            return
        self._read_lines(start, first)
        self._section, self._nth = first, 0
        record, names = self._record(), self._names
        if len(names) > NAMES_KEPT:
            names.clear()
        for number, name, count in found:
            record.add_outcome(int(number), names.get(name) or self._name_of(name), count not in _NOT_TAKEN)
        self._read_lines(last, end)

    def _name_of(self, name: bytes) -> str:
        return self._names.setdefault(name, name.decode("utf-8", "replace"))

    def _read_plain(self, start: int, first: int, last: int, end: int, lines: Lines, covered: Lines) -> bool:
        """Take a record of a name, the lines of a run and totals that agree; False if it has anything else."""
        name, totals = _NAME.fullmatch(self._piece, start, first), _TOTALS.fullmatch(self._piece, last, end)
        if name is None or totals is None:
            return False
        count, hits = lines.bit_count(), covered.bit_count()
        if totals[1] is None:
            self._is_stated &= not count
        elif (int(totals[1]), int(totals[2])) != (count, hits):
            return False
        self._stated[0] += hits
        self._stated[1] += count
        self.files.append(FileCoverage(_path(name[1]), lines, covered))
        return True

    def doubts(self) -> tuple[str, ...]:
        """Sentences on lines that were passed over or repaired."""
        notes = (
            (self._unknown, "lines are no LCOV record"),
            (self._odd, "counts are negative or no number and are taken as 0"),
            (self._unclosed, "records have no end_of_record"),
        )
        return tuple(f"{note.count} {what}, the first {note.first}." for note, what in notes if note.count)

    def _read_lines(self, start: int, end: int) -> None:
        self._section = start
        readers = self._readers
        for nth, raw in enumerate(self._piece[start:end].split(b"\n")):
            self._nth = nth
            line = raw.strip()
            kind, colon, rest = line.partition(b":")
            reader = readers.get(kind)
            if reader is not None and colon:
                reader(rest)
            elif kind in _PASSED_OVER and colon:
                continue
            elif line and not line.startswith(b"#"):
                self._unknown.add(f"at line {self._line_number()}: {line[:40].decode('utf-8', 'replace')!r}")

    def _close(self) -> None:
        record, self._open = self._open, None
        if record is None:
            return
        record.settle(self._sets)
        coverage = record.coverage(self._shapes)
        self.files.append(coverage)
        self.is_old_coveragepy |= record.is_old_coveragepy and bool(record.outcomes or coverage.uncounted)
        self._hold_against_totals(record, coverage)

    def _hold_against_totals(self, record: Record, coverage: FileCoverage) -> None:
        lines, branches = record.stated(b"LH", b"LF"), record.stated(b"BRH", b"BRF")
        if lines is None:
            self._is_stated &= not record.lines
        elif lines != coverage.line_counts:
            self.agrees = False
        if branches is not None and branches != coverage.branch_counts:
            self.agrees = False
        for at, (covered, total) in enumerate((lines or _NOTHING, branches or _NOTHING)):
            self._stated[2 * at] += covered
            self._stated[2 * at + 1] += total

    def _source_file(self, text: bytes) -> None:
        path = _path(text)
        if not path:
            raise self._unreadable("SF names no file")
        if self._open is not None:
            self._unclosed.add(f"that of {self._open.path}")
            self._close()
        self._open = Record(path)

    def _line(self, text: bytes) -> None:
        record = self._record()
        fields = text.split(b",")
        if not 2 <= len(fields) <= 3:
            raise self._unreadable("DA is not <line>,<count>[,<checksum>]")
        number, is_hit = self._number(fields[0]), self._is_hit(fields[1])
        is_checked = len(fields) == 3 and len(fields[2]) == _CHECKSUM_LENGTH and fields[1] in (b"0", b"1")
        record.add_line(number, is_hit, is_checked)

    def _branch(self, text: bytes) -> None:
        number, _, rest = text.partition(b",")
        name, _, count = rest.rpartition(b",")
        if b"," not in name:
            raise self._unreadable("BRDA is not <line>,<block>,<branch>,<taken>")
        is_taken = count != b"-" and self._is_hit(count)
        self._record().add_outcome(self._number(number), name.decode("utf-8", "replace"), is_taken)

    def _function(self, text: bytes) -> None:
        first, _, rest = text.partition(b",")
        last, comma, name = rest.partition(b",")
        if not comma or not last.isdigit():
            last, name = b"0", rest
        self._add_function(first, last, name)

    def _function_of_index(self, text: bytes) -> None:
        """`FNL:<index>,<first>[,<last>]`, the range of the functions that FNA lines name under this index."""
        index, _, rest = text.partition(b",")
        first, _, last = rest.partition(b",")
        self._record().ranges[index] = first, last or b"0"

    def _function_alias(self, text: bytes) -> None:
        """`FNA:<index>,<count>,<name>`."""
        index, _, rest = text.partition(b",")
        bounds = self._record().ranges.get(index)
        if bounds is not None:
            self._add_function(*bounds, rest.partition(b",")[2])

    def _add_function(self, first: bytes, last: bytes, name: bytes) -> None:
        bounds = self._number(first), self._number(last)
        self._record().functions.append(Function(name.decode("utf-8", "replace"), *bounds))

    def _total(self, key: bytes) -> Callable[[bytes], None]:
        def read(text: bytes) -> None:
            if not text.isdigit() or len(text) > 12:
                raise self._unreadable(f"{key.decode()} is not a count")
            self._record().totals[key] = int(text)

        return read

    def _record(self) -> Record:
        if self._open is None:
            raise self._unreadable("coverage stands before any SF line")
        return self._open

    def _number(self, text: bytes) -> int:
        if not text.isdigit() or len(text) > 12:
            raise self._unreadable(f"{text[:40].decode('utf-8', 'replace')!r} is not a line number")
        return int(text) if len(text) < 8 else self._sets.number(int(text), self._line_number())

    def _is_hit(self, text: bytes) -> bool:
        if text.isdigit():
            return bool(text.strip(b"0"))
        try:
            count = float(text)
        except ValueError:
            raise self._unreadable(f"{text[:40].decode('utf-8', 'replace')!r} is not a count") from None
        if count < 0 or math.isnan(count):
            self._odd.add(f"at line {self._line_number()}")
        return count > 0

    def _line_number(self) -> int:
        return self._lines_before + self._piece.count(b"\n", 0, self._section) + self._nth + 1

    def _unreadable(self, reason: str) -> Unreadable:
        return Unreadable(self._name, reason, self._line_number())
