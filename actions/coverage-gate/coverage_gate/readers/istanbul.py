"""Istanbul (nyc, Jest, Vitest, c8): `coverage-final.json` with everything, `coverage-summary.json` with totals only.

Lines are counted as istanbul-lib-coverage counts them: the line on which a statement starts is executable, and it is
covered if any statement that starts there ran. Every outcome of a branch counts, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Mapping

from actionkit.errors import Unreadable
from actionkit.jsondoc import Json, has, mapping, outline, sequence, text
from coverage_gate.merge import UNPLACED
from coverage_gate.model import Counts, FileCoverage, Function, LineBranches, Report, Totals
from coverage_gate.readers.document import counts, load
from coverage_gate.readers.document_branches import named_branches
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.source import Reader, Source
from coverage_gate.readers.xml_claims import doubts_about

_MAPS = ("statementMap", "branchMap", "fnMap")


def recognises(head: bytes) -> bool:
    """Whether a file has Istanbul's maps, or its `lines` and `statements` have totals."""
    plain = head.replace(b"\0", b"")
    if b"Map" not in plain and b"skipped" not in plain:
        return False
    found = outline(head)
    if any(has(found, "*", key) or has(found, "*", "data", key) for key in _MAPS):
        return True
    return has(found, "*", "statements", "skipped") and has(found, "*", "lines", "skipped")


def read(source: Source) -> Report:
    """Read an Istanbul report of either kind. Raises Unreadable(name, reason, line)."""
    document = load(source)
    if isinstance(document.get("total"), dict) and "statementMap" not in mapping(
        source.name, document["total"], "total"
    ):
        return _read_summary(source.name, document)
    sets = LineSets(source.name)
    files = []
    for path, value in document.items():
        record = mapping(source.name, value, f"the record of {path}")
        if "statementMap" not in record and isinstance(record.get("data"), dict):
            record = mapping(source.name, record["data"], f"data of {path}")
        files.append(_File(source.name, path, record, sets).coverage())
    return Report(source.name, READER.name, tuple(files), tool="istanbul")


def _read_summary(name: str, document: Json) -> Report:
    claimed = _totals(name, document["total"], "total")
    files = tuple(
        FileCoverage(_slashes(path), summary=_totals(name, value, path))
        for path, value in document.items()
        if path != "total"
    )
    counted = Report(name, READER.name, files).counted
    return Report(
        name,
        READER.name,
        files,
        claimed=claimed,
        believed=None if files else claimed,
        tool="istanbul",
        doubts=(
            *doubts_about(claimed.lines if files else None, counted.lines, "lines"),
            *doubts_about(claimed.branches if files else None, counted.branches, "branches"),
            *(() if files else ("It gives one total for everything and no files.",)),
        ),
    )


def _totals(name: str, value: object, what: str) -> Totals:
    record = mapping(name, value, what)

    def pair(key: str) -> Counts:
        found = mapping(name, record.get(key), f"{key} of {what}")
        return counts(name, found.get("covered"), found.get("total"), f"{key} of {what}")

    return Totals(pair("lines"), pair("branches"))


def _slashes(path: str) -> str:
    return path.replace("\\", "/")


class _File:
    """One file of coverage-final.json."""

    def __init__(self, name: str, path: str, record: Json, sets: LineSets) -> None:
        self._name, self._path, self._record, self._sets = name, path, record, sets

    def coverage(self) -> FileCoverage:
        executable: list[int] = []
        covered: list[int] = []
        statements = self._map("statementMap")
        for key, hits in self._map("s").items():
            if key in statements:
                line = self._start(statements[key])
                executable.append(line)
                if self._is_hit(hits):
                    covered.append(line)
        return FileCoverage(
            _slashes(self._path),
            self._sets.of(executable),
            self._sets.of(covered),
            self._branches(),
            functions=self._functions(),
        )

    def _branches(self) -> Mapping[int, LineBranches]:
        """Every outcome on the line where its branch starts, named by the branch's place, so that shards merge."""
        places = self._map("branchMap")
        outcomes: dict[int, dict[str, bool]] = {}
        for key, value in self._map("b").items():
            if key not in places:
                continue
            branch = mapping(self._name, places[key], f"branch {key[:20]} of {self._path}")
            line, place = self._branch_place(key, branch)
            here = outcomes.setdefault(line, {})
            if f"{place} 0" in here:
                place = f"{place} ({key})"
            for number, hits in enumerate(sequence(self._name, value, f"b.{key[:20]} of {self._path}")):
                here[f"{place} {number}"] = self._is_hit(hits)
        return named_branches(outcomes)

    def _branch_place(self, key: str, branch: Json) -> tuple[int, str]:
        locations = branch.get("locations")
        place = branch.get("loc") or (locations[0] if isinstance(locations, list) and locations else None)
        if place is None:
            return self._sets.number(branch.get("line", UNPLACED)), f"{text(branch.get('type'))} {key}"
        found = mapping(self._name, place, f"the place of branch {key[:20]} of {self._path}")
        start, end = found.get("start"), found.get("end")
        shown = ":".join(
            str(point.get(part))[:12] if isinstance(point, dict) else ""
            for point in (start, end)
            for part in ("line", "column")
        )
        return self._start(found, UNPLACED), f"{text(branch.get('type'))} {shown}"

    def _functions(self) -> tuple[Function, ...]:
        functions: list[Function] = []
        for key, value in self._map("fnMap").items():
            function = mapping(self._name, value, f"function {key[:20]} of {self._path}")
            place = function.get("loc") or function.get("decl")
            first = self._start(place, 0) if place is not None else self._sets.number(function.get("line", 0))
            end = mapping(self._name, place, "loc").get("end") if place is not None else None
            last = end.get("line") if isinstance(end, dict) else 0
            functions.append(Function(text(function.get("name")), first, self._sets.number(last or 0)))
        return tuple(sorted(functions, key=lambda here: (here.first, here.last, here.name)))

    def _map(self, key: str) -> Json:
        return mapping(self._name, self._record.get(key), f"{key} of {self._path}")

    def _start(self, place: object, otherwise: object = None) -> int:
        """The line where a place starts, or `otherwise` if its line is null, as code from a source map may have it."""
        start = mapping(self._name, mapping(self._name, place, f"a place in {self._path}").get("start"), "start")
        line = start.get("line")
        return self._sets.number(otherwise if line is None else line)

    def _is_hit(self, value: object) -> bool:
        if value is None:
            return False
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unreadable(self._name, f"has {str(value)[:40]!r} as a number of hits in {self._path}")
        return value > 0


READER = Reader("istanbul", recognises, read)
