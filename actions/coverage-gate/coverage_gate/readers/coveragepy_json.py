"""coverage.py's JSON report, formats 1 (no `meta.format`), 2 and 3, as its jsonreport module writes them.

`executed_lines` is not yet the covered lines: up to 7.6.12 it lists docstring lines that are no statements. Branches
are [line, destination] pairs, a negative destination being an exit, so reports of shards merge exactly.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone

from actionkit.jsondoc import Json, has, mapping, outline, sequence, text, whole
from coverage_gate.merge import UNPLACED
from coverage_gate.model import Counts, FileCoverage, Function, LineBranches, Lines, Report, Totals
from coverage_gate.readers.document import counts, load
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.source import Reader, Source
from coverage_gate.readers.xml_claims import doubts_about

NEWEST_FORMAT = 3

Arc = tuple[int, int]
"""A line and where control went from it; a negative destination is the exit of the code that starts on that line."""


def recognises(head: bytes) -> bool:
    """Whether the document has coverage.py's `meta`, or its files have `executed_lines`."""
    if b"m\x00e\x00t\x00a\x00" not in head and b"meta" not in head and b"executed_lines" not in head:
        return False
    found = outline(head)
    return has(found, "meta", "branch_coverage") or has(found, "files", "*", "executed_lines")


def read(source: Source) -> Report:
    """Read a coverage.py JSON report. Raises Unreadable(name, reason, line).

    Its totals are believed where they are the sum of its file summaries: they are what coverage.py itself reports.
    """
    document = load(source)
    meta = mapping(source.name, document.get("meta", {}), "meta")
    lines = LineSets(source.name)
    records = [
        _File(source.name, path, mapping(source.name, record, f"the record of {path}"), lines)
        for path, record in mapping(source.name, document.get("files"), "files").items()
    ]
    files = tuple(record.coverage() for record in records)
    claimed = _totals(source.name, document["totals"], "totals") if "totals" in document else None
    counted = Report(source.name, READER.name, files).counted
    stated = Totals(Counts(0, 0))
    for record in records:
        stated = stated.plus(record.totals())
    return Report(
        source.name,
        READER.name,
        files,
        claimed=claimed,
        believed=claimed if claimed == stated and claimed != counted else None,
        tool="coverage.py",
        version=text(meta.get("version")),
        doubts=(
            *_doubts_about_format(meta),
            *doubts_about(claimed and claimed.lines, counted.lines, "lines"),
            *doubts_about(claimed and claimed.branches, counted.branches, "branches"),
        ),
        measured_at=moment_of(text(meta.get("timestamp"))),
    )


LATEST_ZONE = timezone(timedelta(hours=-12))
"""Where a given time of day comes last on Earth."""


def branches_of(taken: Iterable[Arc], missing: Iterable[Arc], counts: Counts) -> Mapping[int, LineBranches]:
    """The branches of a file from its (line, destination) pairs and from the counts coverage.py gives for it.

    The counts also include outcomes that need not be taken (`# pragma: no branch`), all of them as covered and without
    saying where; they go to UNPLACED.
    """
    missed = {arc for arc in missing if arc[0] != arc[1]}
    ran = _possible({arc for arc in taken if arc[0] != arc[1]}, missed, counts.total)
    by_line: dict[int, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for line, destination in ran:
        by_line[line][0].add(str(destination))
    for line, destination in missed - ran:
        by_line[line][1].add(str(destination))
    branches = {
        line: LineBranches(len(here), len(here) + len(gone), len(here), frozenset(here), frozenset(gone))
        for line, (here, gone) in sorted(by_line.items())
    }
    excused = counts.total - len(ran | missed)
    if excused > 0 and counts.covered - len(ran) == excused:
        branches[UNPLACED] = LineBranches(excused, excused, excused)
    return branches


def _possible(ran: set[Arc], missed: set[Arc], total: int) -> set[Arc]:
    """The arcs that were taken without those that coverage.py itself does not count.

    Up to 7.6.1 it also lists arcs that a comprehension or lambda took inside its line: to the line itself, or from
    the line to its own exit, beside the two outcomes of a branch. The latter only go if that makes the count right.
    """
    listed = ran | missed
    excess = len(listed) - total
    if excess <= 0:
        return ran
    outcomes = Counter(line for line, _ in listed)
    inside = {(line, destination) for line, destination in ran if destination == -line and outcomes[line] > 2}
    return ran - inside if len(inside) == excess else ran


class _File:
    """One entry of `files`."""

    def __init__(self, name: str, path: str, record: Json, lines: LineSets) -> None:
        self._name, self._path, self._record, self._lines = name, path, record, lines
        self._summary = mapping(name, record.get("summary"), f"the summary of {path}")

    def coverage(self) -> FileCoverage:
        covered = self._line_set("executed_lines")
        lines = covered | self._line_set("missing_lines")
        totals = self.totals()
        path = self._path.replace("\\", "/")
        if "executed_branches" not in self._record and totals.branches.total:
            return FileCoverage(path, summary=totals, functions=self._functions())
        return FileCoverage(
            path,
            lines,
            covered,
            branches_of(self._pairs("executed_branches"), self._pairs("missing_branches"), totals.branches),
            min(max(0, lines.bit_count() - totals.lines.total), covered.bit_count()),
            functions=self._functions(),
            contexts=self._contexts(),
        )

    def totals(self) -> Totals:
        return _totals(self._name, self._summary, f"the summary of {self._path}")

    def _line_set(self, key: str) -> Lines:
        return self._lines.of(sequence(self._name, self._record.get(key), f"{key} of {self._path}"))

    def _pairs(self, key: str) -> list[Arc]:
        pairs: list[Arc] = []
        what = f"{key} of {self._path}"
        for pair in sequence(self._name, self._record.get(key, []), what):
            line, destination = (*sequence(self._name, pair, f"a pair in {what}"), None, None)[:2]
            pairs.append((self._lines.number(line), whole(self._name, destination, f"a destination in {what}")))
        return pairs

    def _functions(self) -> tuple[Function, ...]:
        regions = mapping(self._name, self._record.get("functions", {}), f"functions of {self._path}")
        functions: list[Function] = []
        for function, value in regions.items():
            region = mapping(self._name, value, f"the function {function[:80]}")
            numbers = [
                self._lines.number(number)
                for key in ("executed_lines", "missing_lines", "excluded_lines")
                for number in sequence(self._name, region.get(key, []), f"{key} of {function[:80]}")
            ]
            if function and numbers:
                first = self._lines.number(region.get("start_line", min(numbers)))
                functions.append(Function(function, min(first, *numbers), max(numbers)))
        return tuple(sorted(functions, key=lambda here: (here.first, here.last, here.name)))

    def _contexts(self) -> Mapping[int, tuple[str, ...]]:
        found = mapping(self._name, self._record.get("contexts", {}), f"contexts of {self._path}")
        contexts: dict[int, tuple[str, ...]] = {}
        for line, names in found.items():
            known = {text(name) for name in sequence(self._name, names, f"the contexts of line {line[:20]}")} - {""}
            if known and line.isascii() and line.isdigit() and len(line) < 9:
                contexts[self._lines.number(int(line))] = tuple(sorted(known))
        return contexts


def _totals(name: str, value: object, what: str) -> Totals:
    found = mapping(name, value, what)
    return Totals(
        counts(name, found.get("covered_lines"), found.get("num_statements"), what),
        counts(name, found.get("covered_branches", 0), found.get("num_branches", 0), what),
    )


def _doubts_about_format(meta: Json) -> tuple[str, ...]:
    found = meta.get("format", 1)
    if isinstance(found, int) and found <= NEWEST_FORMAT:
        return ()
    return (f"Its format is {str(found)[:20]!r}; the newest known here is {NEWEST_FORMAT}.",)


def moment_of(timestamp: str) -> float | None:
    """Seconds since the epoch. coverage.py writes local time without a zone, and the zone of the machine that measured
    is not ours to know (in a container it is always UTC): the latest moment it can be, so that none reads as stale."""
    try:
        moment = datetime.fromisoformat(timestamp)
        return (moment if moment.tzinfo else moment.replace(tzinfo=LATEST_ZONE)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


READER = Reader("coveragepy-json", recognises, read)
