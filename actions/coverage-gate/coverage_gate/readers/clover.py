"""Clover XML, as written by Istanbul (nyc, Jest, Vitest), OpenClover and PHPUnit.

`type="method"` lines are no statements and not counted. Two dialects of `type="cond"`: Istanbul writes `count` on it,
and `truecount` and `falsecount` are the numbers of branches taken and not taken (istanbul-reports, clover/index.js);
OpenClover writes no `count`, and they say how often the condition was true and false, so two outcomes a condition
(OpenClover, XMLReporter.writeLineInfo). Test code (`<testproject>`) is not counted, as in Clover's own totals.
"""

from __future__ import annotations

from actionkit.xmldoc import Attributes, Elements, Malformed, parse, root_of, whole
from coverage_gate.model import Counts, Function, LineBranches, Report, Totals
from coverage_gate.readers.source import Reader, Source
from coverage_gate.readers.xml_claims import believed, count, doubts_about, moment
from coverage_gate.readers.xml_tally import LineRecords, Tally

_ISTANBUL = "3.2.0"
"""The Clover version Istanbul claims for every report; OpenClover starts at 4."""


def recognises(head: bytes) -> bool:
    """Whether the root is a `<coverage>` with a Clover version or a project inside."""
    root = root_of(head)
    if root is None or root.name != "coverage":
        return False
    return root.child in {"project", "testproject"} or "clover=" in root.attributes


def read(source: Source) -> Report:
    """Read a Clover report. Raises Unreadable(name, reason, line)."""
    lane = _Lane()
    parse(source.name, source.read(), lane.elements())
    return lane.report(source.name)


class _Lane:
    """The actions of the XML parser on a Clover document."""

    def __init__(self) -> None:
        self._root: Attributes = {}
        self._project: Attributes | None = None
        self._metrics: Attributes = {}
        self._tally = Tally()
        self._statements = self._hit_statements = 0
        self._within: list[str] = []
        self._is_test = False
        self._path: str | None = None
        self._records = LineRecords()
        self._file_metrics: Attributes = {}
        self._conditions: dict[int, Counts] = {}

    def elements(self) -> Elements:
        return Elements(
            root="coverage",
            opens={
                "coverage": self._coverage,
                "project": self._project_start,
                "testproject": self._test_project_start,
                "package": self._package_start,
                "file": self._file_start,
                "class": self._class_start,
                "metrics": self._metrics_of,
                "line": self._line,
            },
            closes={
                "coverage": self._coverage_end,
                "project": self._leave,
                "testproject": self._test_project_end,
                "package": self._leave,
                "file": self._file_end,
                "class": self._leave,
            },
        )

    def report(self, name: str) -> Report:
        files = self._tally.files()
        counted = Report(name, "clover", files).counted
        lines = count(self._metrics, "coveredstatements", "statements")
        branches = count(self._metrics, "coveredconditionals", "conditionals")
        claimed = Totals(lines, branches or Counts(0, 0)) if lines is not None else None
        # OpenClover counts statements, of which a line can hold several.
        agrees = lines == Counts(self._hit_statements, self._statements)
        line_doubts = () if agrees else doubts_about(lines, counted.lines, "statements covered")
        tool, version = self._tool()
        return Report(
            name,
            "clover",
            files,
            claimed=claimed,
            believed=believed(claimed, counted) if branches is not None else None,
            tool=tool,
            version=version,
            doubts=line_doubts + doubts_about(branches, counted.branches, "branches covered"),
            measured_at=moment(self._root.get("generated")) or moment((self._project or {}).get("timestamp")),
        )

    def _tool(self) -> tuple[str, str]:
        version = self._root.get("clover", "")
        if version == _ISTANBUL and (self._project or {}).get("name") == "All files":
            return "Istanbul", ""
        return ("OpenClover", version) if version and version != _ISTANBUL else ("", "")

    def _coverage(self, attributes: Attributes) -> None:
        self._root = self._root or attributes

    def _coverage_end(self) -> None:
        if self._project is None:
            raise Malformed("has the root element <coverage> but no <project>: not Clover")

    def _project_start(self, attributes: Attributes) -> None:
        self._project = self._project or attributes
        self._within.append("project")

    def _test_project_start(self, attributes: Attributes) -> None:
        self._project = self._project or attributes
        self._is_test = True

    def _test_project_end(self) -> None:
        self._is_test = False

    def _package_start(self, _attributes: Attributes) -> None:
        self._within.append("package")

    def _class_start(self, _attributes: Attributes) -> None:
        self._within.append("class")

    def _leave(self) -> None:
        self._within.pop()

    def _file_start(self, attributes: Attributes) -> None:
        self._within.append("file")
        if self._path is not None:
            raise Malformed("has a <file> inside a <file>")
        self._path = attributes.get("path") or attributes.get("name")
        if self._path is None:
            raise Malformed("a <file> has neither `path` nor `name`")
        self._records = LineRecords()
        self._conditions = {}
        self._file_metrics = {}

    def _file_end(self) -> None:
        self._within.pop()
        path, self._path = self._path or "", None
        if self._is_test:
            return
        for number, outcomes in self._conditions.items():
            self._records.branches[number] = LineBranches(outcomes.covered, outcomes.total, outcomes.covered)
        self._tally.add_records(path, self._records)
        statements = count(self._file_metrics, "coveredstatements", "statements")
        if statements is not None and statements.total and not self._records.seen:
            branches = count(self._file_metrics, "coveredconditionals", "conditionals")
            self._tally.add_summary(path, Totals(statements, branches or Counts(0, 0)))

    def _metrics_of(self, attributes: Attributes) -> None:
        if self._is_test:
            return
        if self._within[-1:] == ["project"]:
            self._metrics = attributes
        elif self._within[-1:] == ["file"]:
            self._file_metrics = attributes

    def _line(self, attributes: Attributes) -> None:
        if self._path is None:
            raise Malformed("has a <line> outside any <file>")
        number = whole(attributes, "num", "line")
        kind = attributes.get("type", "stmt")
        if self._is_test:
            return
        if kind == "method":
            self._method(number, attributes)
        elif kind == "cond" and "count" not in attributes:
            self._condition(number, attributes)
        else:
            self._statement(number, attributes)

    def _method(self, number: int, attributes: Attributes) -> None:
        name = attributes.get("name") or attributes.get("signature", "")
        if name and number > 0:
            self._tally.add_function(self._path or "", Function(name, number, 0))

    def _statement(self, number: int, attributes: Attributes) -> None:
        is_covered = whole(attributes, "count", "line") > 0
        branches = None
        if "truecount" in attributes or "falsecount" in attributes:
            taken, missed = _evaluations(attributes)
            branches = LineBranches(taken, taken + missed, taken) if taken + missed else None
        self._statements += 1
        self._hit_statements += is_covered
        self._records.add(number, is_covered, branches)

    def _condition(self, number: int, attributes: Attributes) -> None:
        was_true, was_false = (evaluations > 0 for evaluations in _evaluations(attributes))
        self._records.add(number, was_true or was_false)
        if number:
            here = Counts(was_true + was_false, 2)
            self._conditions[number] = self._conditions.get(number, Counts(0, 0)).plus(here)


def _evaluations(attributes: Attributes) -> tuple[int, int]:
    found = whole(attributes, "truecount", "line"), whole(attributes, "falsecount", "line")
    if min(found) < 0:
        raise Malformed("has a <line> with a negative branch count")
    return found


READER = Reader("clover", recognises, read)
