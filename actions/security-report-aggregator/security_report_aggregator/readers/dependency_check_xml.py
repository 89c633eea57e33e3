"""Dependency-Check's XML, dependency by dependency in the shape of its JSON, so that both are read as one.

Elements are told apart by the element they stand in: `name` is that of a vulnerability, a reference, an identifier, a
piece of evidence or the project.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from actionkit import xmldoc
from actionkit.xmldoc import Attributes, Elements, Root
from security_report_aggregator import purls
from security_report_aggregator.document import Document
from security_report_aggregator.model import Package
from security_report_aggregator.readers.fields import Object, text

ROOT = "analysis"

_PARENTS = (
    *("scanInfo", "dataSource", "analysisException", "exception", "innerException", "projectInfo"),
    *("dependencies", "dependency", "relatedDependency", "evidence", "package", "identifier", "vulnerabilityIds"),
    *("suppressedIdentifier", "vulnerability", "suppressedVulnerability", "cvssV2", "cvssV3", "cvssV4", "reference"),
    *("knownExploitedVulnerability", "includedBy"),
)
"""Elements that tell what the texts in them mean."""

_TEXTS = (
    *("engineVersion", "message", "reportDate", "fileName", "filePath", "id", "name", "severity", "description"),
    *("cvssScore", "cwe", "score", "baseScore", "url"),
)


def is_root(root: Root) -> bool:
    """Whether the root of an XML document is that of a report."""
    is_named = "dependency-check" in root.attributes.lower() or "dependencycheck" in root.attributes.lower()
    return root.name == ROOT and (is_named or root.child in ("scanInfo", "projectInfo"))


def parse(document: Document, take: Callable[[Object], None]) -> Object:
    """Hands each dependency to `take`; gives what is said of the scan. Raises Unreadable."""
    lane = _Lane(take)
    elements = Elements(
        root=ROOT,
        opens={name: partial(lane.enter, name) for name in _PARENTS},
        closes={name: partial(lane.leave, name) for name in _PARENTS},
        texts={name: partial(lane.text, name) for name in _TEXTS},
    )
    xmldoc.parse(document.name, document.data, elements)
    if not lane.has_dependencies:
        raise document.unreadable("has no <dependencies>")
    return lane.said


class _Lane:
    """The actions of the XML parser: `said` is of the scan, `_dependency` and `_vulnerability` are those it is in."""

    def __init__(self, take: Callable[[Object], None]) -> None:
        self.has_dependencies = False
        self._scan: dict[str, Any] = {"analysisExceptions": []}
        self._project: dict[str, Any] = {}
        self.said: Object = {"scanInfo": self._scan, "projectInfo": self._project}
        self._take = take
        self._within: list[str] = []
        self._dependency: dict[str, Any] = {}
        self._vulnerability: dict[str, Any] = {}
        self._identifier = ""

    def enter(self, name: str, attributes: Attributes) -> None:
        self._within.append(name)
        if name == "dependencies":
            self.has_dependencies = True
        elif name == "dependency":
            self._dependency = {"packages": [], "vulnerabilities": [], "suppressedVulnerabilities": []}
        elif name in ("vulnerability", "suppressedVulnerability"):
            source = attributes.get("source", "")
            self._vulnerability = {"source": source, "cwes": [], "references": []}
        elif name == "identifier":
            self._identifier = attributes.get("type", "")
        elif name == "analysisException":
            self._scan["analysisExceptions"].append({})

    def leave(self, name: str) -> None:
        self._within.pop()
        if name == "dependency":
            self._take(self._dependency)
        elif name == "vulnerability":
            self._dependency["vulnerabilities"].append(self._vulnerability)
        elif name == "suppressedVulnerability":
            self._dependency["suppressedVulnerabilities"].append(self._vulnerability)

    def text(self, name: str, said: str) -> None:
        parent = self._within[-1] if self._within else ""
        value = text(said.strip())
        if parent == "scanInfo":
            self._scan.setdefault(name, value)
        elif parent == "projectInfo":
            self._project.setdefault(name, value)
        elif parent in ("exception", "innerException", "analysisException"):
            if name == "message" and self._scan["analysisExceptions"]:
                self._scan["analysisExceptions"][-1].setdefault("message", value)
        elif parent == "dependency":
            self._dependency.setdefault(name, value)
        elif parent in ("package", "identifier"):
            self._identified(name, value)
        else:
            self._of_vulnerability(parent, name, value)

    def _identified(self, name: str, value: str) -> None:
        """A package URL, or before schema 2.0 the coordinates of a Maven artifact or another package."""
        if "relatedDependency" in self._within or not self._dependency:
            return
        if self._within[-1] == "package" and name == "id":
            self._dependency["packages"].append({"id": value})
        type_ = purls.type_of(self._identifier)
        if self._within[-1] == "identifier" and name == "name" and type_:
            coordinates, _, version = value.strip("()").rpartition(":")
            if coordinates:
                self._dependency["packages"].append({"id": purls.purl_of(Package(type_, coordinates, version))})

    def _of_vulnerability(self, parent: str, name: str, value: str) -> None:
        if parent in ("vulnerability", "suppressedVulnerability"):
            if name == "cwe":
                self._vulnerability["cwes"].append(value)
            else:
                self._vulnerability.setdefault(name, value)
        elif parent in ("cvssV2", "cvssV3", "cvssV4"):
            self._vulnerability.setdefault(parent.lower(), {}).setdefault(name, value)
        elif parent == "reference" and name == "url":
            self._vulnerability.get("references", []).append({"url": value})
