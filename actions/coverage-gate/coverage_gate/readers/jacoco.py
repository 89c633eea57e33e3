"""JaCoCo XML, as written by JaCoCo, Kover and Pester.

The DTD is https://www.jacoco.org/jacoco/trunk/coverage/report.dtd: groups of any depth, packages, and in a package the
classes first and then the source files. Lines are counted from the source files; adding up classes would count a line
once per class that has code on it. A line is covered if any of its instructions ran (`ci` above 0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actionkit.xmldoc import Attributes, Elements, Malformed, parse, root_of, whole
from coverage_gate.model import Counts, Function, LineBranches, Report, Totals
from coverage_gate.readers.source import Reader, Source
from coverage_gate.readers.xml_claims import doubts_about, moment
from coverage_gate.readers.xml_tally import LineRecords, Tally

Counters = Mapping[str, Counts]
"""Counts by counter type (LINE, BRANCH, INSTRUCTION…)."""

_CHILDREN = {"sessioninfo", "group", "package", "counter"}
_TOOLS = {"Pester (": "Pester", "Intellij Coverage": "Kover"}


class Findings:
    """What either lane takes from a JaCoCo document, and what it comes to."""

    def __init__(self) -> None:
        self.title = ""
        self.counters: dict[str, Counts] = {}
        self.dumps: list[str] = []
        self.tally = Tally()
        self._groups: dict[str, tuple[str, ...]] = {}
        self._twice: set[str] = set()
        self._without_lines: list[tuple[str, Counters]] = []
        self._classes: list[tuple[str, Counters]] = []

    def source_file(self, groups: tuple[str, ...], package: str, name: str, counters: Counters, has_lines: bool) -> str:
        """Note a source file and get its path; its lines go into the tally under that."""
        path = _path(package, name)
        if self._groups.setdefault(path, groups) != groups:
            self._twice.add(path)
        self.tally.add(path, 0, 0)
        if not has_lines:
            self._without_lines.append((path, counters))
        return path

    def class_file(
        self, package: str, attributes: Mapping[str, str], methods: Sequence[tuple[str, int]], counters: Counters
    ) -> None:
        """Note a class: the lines its methods start at, and its counters in case its source file is not listed."""
        name, source = attributes.get("name", ""), attributes.get("sourcefilename", "")
        path = _path(package, source) if source else name
        short = name.rpartition("/")[2]
        for method, line in methods:
            if line > 0:
                self.tally.add_function(path, Function(f"{short}.{method}", line, 0))
        self._classes.append((path, counters))

    def report(self, name: str) -> Report:
        """Everything noted, as one report; what its own counters say otherwise becomes a doubt."""
        blind = self._add_counters_without_lines()
        files = self.tally.files()
        counted = Report(name, "jacoco", files).counted
        lines, branches = self.counters.get("LINE"), self.counters.get("BRANCH")
        return Report(
            name,
            "jacoco",
            files,
            claimed=Totals(lines, branches or Counts(0, 0)) if lines is not None else None,
            tool=next((tool for start, tool in _TOOLS.items() if self.title.startswith(start)), ""),
            doubts=doubts_about(lines, counted.lines, "lines covered")
            + doubts_about(branches, counted.branches, "branches covered")
            + self._doubts(blind),
            measured_at=max((at for at in map(moment, self.dumps) if at is not None), default=None),
        )

    def _add_counters_without_lines(self) -> int:
        """Count what is listed without lines by its counters; say how much has code but not even a line counter."""
        blind = 0
        unlisted = [(path, counters) for path, counters in self._classes if path not in self._groups]
        for path, counters in self._without_lines + unlisted:
            if "LINE" in counters:
                self.tally.add_summary(path, Totals(counters["LINE"], counters.get("BRANCH", Counts(0, 0))))
            elif "INSTRUCTION" in counters:
                blind += 1
        return blind

    def _doubts(self, blind: int) -> tuple[str, ...]:
        doubts: list[str] = []
        if self._twice:
            doubts.append(
                f"{len(self._twice)} source files are listed in more than one group and were merged "
                f"({min(self._twice)} is one): modules with equal paths cannot be told apart."
            )
        if blind:
            doubts.append(f"{blind} classes or source files have code but no line numbers and were not counted.")
        return tuple(doubts)


def recognises(head: bytes) -> bool:
    """Whether the root is JaCoCo's `<report>`."""
    root = root_of(head)
    return root is not None and root.name == "report" and (root.child in _CHILDREN or "JACOCO" in root.prolog)


def read(source: Source) -> Report:
    """Read a JaCoCo report. Raises Unreadable(name, reason, line)."""
    from coverage_gate.readers.jacoco_fast import scan

    data = source.read()
    return (scan(data) or read_document(source.name, data)).report(source.name)


def read_document(name: str, data: bytes) -> Findings:
    """Read any well-formed JaCoCo document with the XML parser: the slow lane. Raises Unreadable."""
    lane = _Lane()
    parse(name, data, lane.elements())
    return lane.findings


def branches_of(missed: int, covered: int) -> LineBranches | None:
    """The branch outcomes of a line; JaCoCo does not name them. Raises Malformed for negative counts."""
    if missed < 0 or covered < 0:
        raise Malformed("has a <line> with a negative branch count")
    return LineBranches(covered, missed + covered, covered) if missed + covered else None


def _path(package: str, name: str) -> str:
    return f"{package}/{name}" if package else name


class _Lane:
    """The actions of the XML parser on a JaCoCo document."""

    def __init__(self) -> None:
        self.findings = Findings()
        self._groups: list[str] = []
        self._package = ""
        self._class: Attributes = {}
        self._methods: list[tuple[str, int]] = []
        self._source: str | None = None
        self._records = LineRecords()
        self._counters: list[dict[str, Counts]] = []

    def elements(self) -> Elements:
        return Elements(
            root="report",
            opens={
                "report": self._report,
                "sessioninfo": self._session,
                "group": self._group,
                "package": self._package_start,
                "class": self._class_start,
                "method": self._method,
                "sourcefile": self._source_start,
                "line": self._line,
                "counter": self._counter,
            },
            closes={
                "report": self._report_end,
                "group": self._group_end,
                "package": self._package_end,
                "class": self._class_end,
                "method": self._method_end,
                "sourcefile": self._source_end,
            },
        )

    def _report(self, attributes: Attributes) -> None:
        self.findings.title = attributes.get("name", "")
        self._counters.append({})

    def _report_end(self) -> None:
        self.findings.counters = self._counters.pop()

    def _session(self, attributes: Attributes) -> None:
        self.findings.dumps.append(attributes.get("dump", ""))

    def _group(self, attributes: Attributes) -> None:
        self._groups.append(attributes.get("name", ""))
        self._counters.append({})

    def _group_end(self) -> None:
        self._groups.pop()
        self._counters.pop()

    def _package_start(self, attributes: Attributes) -> None:
        self._package = attributes.get("name", "")
        self._counters.append({})

    def _package_end(self) -> None:
        self._counters.pop()

    def _class_start(self, attributes: Attributes) -> None:
        self._class = attributes
        self._methods = []
        self._counters.append({})

    def _class_end(self) -> None:
        self.findings.class_file(self._package, self._class, self._methods, self._counters.pop())

    def _method(self, attributes: Attributes) -> None:
        if "line" in attributes:
            self._methods.append((attributes.get("name", ""), whole(attributes, "line", "method")))
        self._counters.append({})

    def _method_end(self) -> None:
        self._counters.pop()

    def _source_start(self, attributes: Attributes) -> None:
        if self._source is not None:
            raise Malformed("has a <sourcefile> inside a <sourcefile>")
        self._source = attributes.get("name")
        if self._source is None:
            raise Malformed("a <sourcefile> has no `name`")
        self._records = LineRecords()
        self._counters.append({})

    def _source_end(self) -> None:
        name, self._source = self._source or "", None
        has_lines = self._records.seen > 0
        path = self.findings.source_file(tuple(self._groups), self._package, name, self._counters.pop(), has_lines)
        self.findings.tally.add_records(path, self._records)

    def _line(self, attributes: Attributes) -> None:
        if self._source is None:
            raise Malformed("has a <line> outside any <sourcefile>")
        branches = None
        if "mb" in attributes or "cb" in attributes:
            branches = branches_of(whole(attributes, "mb", "line"), whole(attributes, "cb", "line"))
        self._records.add(whole(attributes, "nr", "line"), whole(attributes, "ci", "line") > 0, branches)

    def _counter(self, attributes: Attributes) -> None:
        missed, covered = whole(attributes, "missed", "counter"), whole(attributes, "covered", "counter")
        if missed < 0 or covered < 0:
            raise Malformed("has a <counter> with a negative count")
        self._counters[-1][attributes.get("type", "")] = Counts(covered, missed + covered)


READER = Reader("jacoco", recognises, read)
