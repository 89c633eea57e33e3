"""SimpleCov: `.resultset.json` with one result per command, and `coverage.json` of simplecov_json_formatter.

Lines are arrays, one entry per source line: hits, null for a line that is not executable, or "ignored". Several
commands are combined as SimpleCov's LinesCombiner does it: hits are added, and a line that no command hit is executable
only if none says null.
"""

from __future__ import annotations

import re
from collections import defaultdict

from actionkit.errors import Unreadable
from actionkit.jsondoc import Json, has, mapping, outline, sequence, text
from coverage_gate.model import FileCoverage, Lines, Report
from coverage_gate.readers.document import load
from coverage_gate.readers.document_branches import named_branches
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.source import Reader, Source

_PLACE = re.compile(r"\[:?\"?(\w+)\"?, \d+, (\d{1,9}), (\d{1,9}), (\d{1,9}), (\d{1,9})\]")


def recognises(head: bytes) -> bool:
    """Whether a command has a `coverage` of arrays or of `lines`, or `coverage` itself is such an object."""
    if b"coverage" not in head.replace(b"\0", b""):
        return False
    found = outline(head)
    if has(found, "meta", "simplecov_version") or has(found, "coverage", "*", "lines", "[]"):
        return True
    return any(
        has(found, *pattern) for pattern in (("*", "coverage", "*", "[]"), ("*", "coverage", "*", "lines", "[]"))
    )


def read(source: Source) -> Report:
    """Read a SimpleCov result. Raises Unreadable(name, reason, line)."""
    document = load(source)
    results = _results(source.name, document)
    sets = LineSets(source.name)
    files: dict[str, _File] = {}
    for result in results:
        for path, value in mapping(source.name, result.get("coverage"), "coverage").items():
            files.setdefault(path, _File(source.name, path, sets)).add(value)
    meta = document.get("meta")
    return Report(
        source.name,
        READER.name,
        tuple(file.coverage() for file in files.values()),
        tool="simplecov",
        version=text(meta.get("simplecov_version")) if isinstance(meta, dict) else "",
        measured_at=_last_moment(results),
    )


def _results(name: str, document: Json) -> list[Json]:
    """One result per command; `coverage.json` is one result."""
    files = document.get("coverage")
    if isinstance(files, dict) and not isinstance(files.get("coverage"), dict):
        return [document]
    return [mapping(name, value, f"the command {command[:80]!r}") for command, value in document.items()]


class _File:
    """One source file over all commands."""

    def __init__(self, name: str, path: str, sets: LineSets) -> None:
        self._name, self._path, self._sets = name, path, sets
        self._covered: Lines = 0
        self._executable: Lines | None = None
        self._outcomes: dict[int, dict[str, bool]] = defaultdict(dict)

    def add(self, value: object) -> None:
        """Add what one command saw. Raises Unreadable."""
        hits, branches = (value.get("lines"), value.get("branches")) if isinstance(value, dict) else (value, None)
        executable, covered = self._line_sets(sequence(self._name, hits, f"the lines of {self._path}"))
        self._covered |= covered
        self._executable = executable if self._executable is None else self._executable & executable
        if isinstance(branches, dict):
            self._add_conditions(branches)
        elif branches is not None:
            self._add_branches(sequence(self._name, branches, f"the branches of {self._path}"))

    def coverage(self) -> FileCoverage:
        lines = self._covered | (self._executable or 0)
        return FileCoverage(self._path.replace("\\", "/"), lines, self._covered, named_branches(self._outcomes))

    def _line_sets(self, hits: list[object]) -> tuple[Lines, Lines]:
        executable: list[int] = []
        covered: list[int] = []
        for number, value in enumerate(hits, start=1):
            if value is None or isinstance(value, str):
                continue
            executable.append(number)
            if self._is_hit(value):
                covered.append(number)
        return self._sets.of(executable), self._sets.of(covered)

    def _is_hit(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unreadable(self._name, f"has {str(value)[:40]!r} as the hits of a line or branch of {self._path}")
        return value > 0

    def _add_conditions(self, conditions: Json) -> None:
        """`{"[:if, 0, 12, 4, 14, 7]": {"[:then, 1, 13, 6, 13, 11]": 1}}`: kind, id, start and end (line, column)."""
        for condition, outcomes in conditions.items():
            place = _PLACE.fullmatch(condition)
            if place is None:
                raise Unreadable(self._name, f"has the branch {condition[:60]!r} in {self._path}")
            line = self._sets.number(int(place[2]))
            for outcome, value in mapping(self._name, outcomes, f"the branch {condition[:60]!r}").items():
                self._add_outcome(line, f"{_without_id(condition)} {_without_id(outcome)}", self._is_hit(value))

    def _add_branches(self, branches: list[object]) -> None:
        """`[{"type": "then", "start_line": 13, "end_line": 13, "coverage": 1}]`, as the JSON formatter writes them."""
        seen: dict[str, int] = defaultdict(int)
        for value in branches:
            branch = mapping(self._name, value, f"a branch of {self._path}")
            line = self._sets.number(branch.get("start_line"))
            name = f"{text(branch.get('type'))} {line}-{self._sets.number(branch.get('end_line'))}"
            seen[name] += 1
            if not isinstance(branch.get("coverage"), str):
                self._add_outcome(line, f"{name} #{seen[name]}", self._is_hit(branch.get("coverage")))

    def _add_outcome(self, line: int, name: str, is_taken: bool) -> None:
        here = self._outcomes[line]
        here[name] = here.get(name, False) or is_taken


def _without_id(place: str) -> str:
    """The running number of a branch changes when another file changes how Ruby counts; the place does not."""
    found = _PLACE.fullmatch(place)
    return place if found is None else f"{found[1]} {found[2]}:{found[3]}-{found[4]}:{found[5]}"


def _last_moment(results: list[Json]) -> float | None:
    moments = [
        float(value)
        for result in results
        if isinstance(value := result.get("timestamp"), int | float)
        and not isinstance(value, bool)
        and 0 < value < 1e11
    ]
    return max(moments, default=None)


READER = Reader("simplecov", recognises, read)
