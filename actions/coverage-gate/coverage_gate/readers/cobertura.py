"""Cobertura XML, as written by coverage.py, Istanbul, gcovr, coverlet, PHPUnit and many more.

The DTD is http://cobertura.sourceforge.net/xml/coverage-04.dtd; real reports bend it, so only what is counted is
asked for: `<class filename>` with `<line number hits condition-coverage missing-branches>` inside. Lines of a class
count, not the copies in its methods, unless the class has none of its own (Swift exporters).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from actionkit.errors import Unreadable
from actionkit.xmldoc import Attributes, Elements, Malformed, parse, root_of, whole
from coverage_gate.model import Counts, LineBranches, Report, Totals
from coverage_gate.readers.source import Reader, Source
from coverage_gate.readers.xml_claims import believed, count, doubts_about, moment
from coverage_gate.readers.xml_tally import LineRecords, Tally

_CHILDREN = {"sources", "packages", "package", "classes", "class"}
_OUTCOMES = re.compile(r"\(\s*(\d{1,9})\s*/\s*(\d{1,9})\s*\)")
_NAMED_VERSION = re.compile(r"([A-Za-z][\w.-]*) v?(\d\S*)")


@dataclass(frozen=True, slots=True)
class Document:
    """What either lane takes from a Cobertura document: root attributes, header comments, sources, lines."""

    root: Mapping[str, str]
    comments: tuple[str, ...]
    sources: tuple[str, ...]
    tally: Tally


def recognises(head: bytes) -> bool:
    """Whether the root is a `<coverage>` that is Cobertura's, not Clover's or SonarQube's."""
    root = root_of(head)
    if root is None or root.name != "coverage" or root.child == "project":
        return False
    return root.child in _CHILDREN or "line-rate=" in root.attributes or "lines-valid=" in root.attributes


def read(source: Source) -> Report:
    """Read a Cobertura report. Raises Unreadable(name, reason, line)."""
    from coverage_gate.readers.cobertura_fast import scan

    data = source.read()
    document = scan(data)
    if document is None:
        document = read_document(source.name, data)
    return report_of(source.name, document)


def read_document(name: str, data: bytes) -> Document:
    """Read any well-formed Cobertura document with the XML parser: the slow lane. Raises Unreadable."""
    lane = _Lane()
    parse(name, data, lane.elements())
    if not lane.is_cobertura:
        raise Unreadable(name, "has the root element <coverage> but neither packages nor classes: not Cobertura")
    return Document(lane.root, tuple(lane.comments), tuple(lane.sources), lane.tally)


def report_of(name: str, document: Document) -> Report:
    """The report in a document, with every disagreement between its header and its lines."""
    files = document.tally.files()
    report = Report(name, "cobertura", files)
    counted = report.counted
    lines = count(document.root, "lines-covered", "lines-valid")
    branches = count(document.root, "branches-covered", "branches-valid")
    claimed = Totals(lines, branches or Counts(0, 0)) if lines is not None else None
    tool, version = _tool(document)
    return Report(
        name,
        "cobertura",
        files,
        claimed=claimed,
        believed=believed(claimed, counted) if branches is not None else None,
        tool=tool,
        version=version,
        sources=tuple(text.strip() for text in document.sources if text.strip()),
        doubts=doubts_about(lines, counted.lines, "lines covered")
        + doubts_about(branches, counted.branches, "branches covered"),
        measured_at=moment(document.root.get("timestamp")),
    )


def branches_of(condition: str | None, missing: str | None) -> LineBranches | None:
    """The branch outcomes in `condition-coverage="50% (1/2)"`; None where it counts none.

    coverage.py names the outcomes not taken in `missing-branches="8,exit"`; they are kept if they are as many as the
    counts say. Raises Malformed if more outcomes are taken than exist.
    """
    found = _OUTCOMES.search(condition or "")
    if found is None:
        return None
    covered, total = int(found[1]), int(found[2])
    if covered > total:
        raise Malformed(f"says that {covered} of {total} branches of a line were taken")
    if total == 0:
        return None
    names = frozenset(name.strip() for name in missing.split(",")) if missing else frozenset()
    return LineBranches(covered, total, covered, missing=names if len(names) == total - covered else frozenset())


def is_hit(hits: str | None) -> bool:
    """Whether a hit count says the line ran. Raises Malformed if it is missing or no number."""
    if hits is None:
        raise Malformed("a <line> has no `hits`")
    try:
        number = float(hits)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise Malformed(f'<line hits="{hits[:40]}"> is no number')
    return number > 0


def _tool(document: Document) -> tuple[str, str]:
    """Tool and version: coverage.py says its name in a comment, gcovr and others inside `version`."""
    version = document.root.get("version", "")
    if any("Generated by coverage.py" in text for text in document.comments):
        return "coverage.py", version
    named = _NAMED_VERSION.fullmatch(version)
    return (named[1], named[2]) if named else ("", version)


class _Lane:
    """The actions of the XML parser on a Cobertura document."""

    def __init__(self) -> None:
        self.root: Attributes = {}
        self.comments: list[str] = []
        self.sources: list[str] = []
        self.tally = Tally()
        self.is_cobertura = False
        self._path: str | None = None
        self._methods = 0
        self._own = LineRecords()
        self._in_methods = LineRecords()
        self._outcomes: dict[tuple[str | None, str | None], LineBranches | None] = {}

    def elements(self) -> Elements:
        return Elements(
            root="coverage",
            opens={
                "coverage": self._coverage,
                "packages": self._packages,
                "package": self._packages,
                "class": self._class,
                "method": self._method,
                "line": self._line,
            },
            closes={"class": self._class_end, "method": self._method_end},
            texts={"source": self.sources.append},
            comment=self._comment,
        )

    def _coverage(self, attributes: Attributes) -> None:
        self.root = self.root or attributes

    def _comment(self, text: str) -> None:
        if not self.is_cobertura:
            self.comments.append(text)

    def _packages(self, _attributes: Attributes) -> None:
        self.is_cobertura = True

    def _class(self, attributes: Attributes) -> None:
        if self._path is not None:
            raise Malformed("has a <class> inside a <class>")
        self._path = attributes.get("filename")
        if self._path is None:
            raise Malformed("a <class> has no `filename`")
        self.is_cobertura = True
        self._own = LineRecords()
        self._in_methods = LineRecords()

    def _class_end(self) -> None:
        path, self._path = self._path or "", None
        self.tally.add_records(path, self._own if self._own.seen else self._in_methods)

    def _method(self, _attributes: Attributes) -> None:
        self._methods += 1

    def _method_end(self) -> None:
        self._methods -= 1

    def _line(self, attributes: Attributes) -> None:
        if self._path is None:
            raise Malformed("has a <line> outside any <class>")
        key = attributes.get("condition-coverage"), attributes.get("missing-branches")
        if key not in self._outcomes:
            self._outcomes[key] = branches_of(*key)
        records = self._in_methods if self._methods else self._own
        records.add(whole(attributes, "number", "line"), is_hit(attributes.get("hits")), self._outcomes[key])


READER = Reader("cobertura", recognises, read)
