"""Trivy JSON: `SchemaVersion` 2, the bare list of results before it, and the report of a Kubernetes cluster.

Shapes: `Report` and `Result` in trivy's pkg/types/report.go, `Report` and `ConsolidatedReport` in
pkg/k8s/report/report.go. A result's four lists of findings may be missing or null, which means that nothing of that
kind was found. Findings that `.trivyignore` or VEX took out stand beside the four lists and are counted in a note.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from actionkit.jsonstream import CLOSED, Path
from security_report_aggregator import purls
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Location, Scan
from security_report_aggregator.readers.fields import NONE, Object, line, moment, obj, text
from security_report_aggregator.readers.remarks import capped, one_line, unknown_version
from security_report_aggregator.readers.streamed import LIST, Shape, pieces, spelled
from security_report_aggregator.readers.trivy_findings import TOOL, Findings

FOUND = ("Vulnerabilities", "Misconfigurations", "Secrets", "Licenses")
BESIDE = ("Packages", "ExperimentalModifiedFindings")
SECTIONS = ("Resources", "Findings", "Vulnerabilities", "Misconfigurations")
"""Where the report of a cluster lists its resources, by version and by `--report`."""

SCHEMA = 2
IMAGES = ("container_image", "vm")
AGGREGATED = ("Conda", "Java", "Node.js", "OS Packages", "Python", "Ruby")
"""Targets that stand for all packages of a language, each found in a file of its own (`PkgPath`)."""

_OS_SUFFIX = re.compile(r" \([^()]*\)$")


def recognises(document: Document) -> bool:
    if document.kind is Kind.ARRAY:
        return document.has(LIST, "Target") and any(
            document.has(LIST, key) for key in ("Type", "Class", "Vulnerabilities", "Misconfigurations")
        )
    if document.kind is not Kind.OBJECT:
        return False
    is_report = document.has("ArtifactName") and (document.has("SchemaVersion") or document.has("ArtifactType"))
    return is_report or document.has("ClusterName") or document.has("Results", LIST, "Target")


@dataclass
class _Result:
    """One target while it is read: what is said of it, where its packages stand, and what was found."""

    said: dict[str, object] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)

    @property
    def target(self) -> str:
        return text(self.said.get("Target"))

    @property
    def type(self) -> str:
        return purls.type_of(self.said.get("Type"))

    @property
    def is_system(self) -> bool:
        return self.said.get("Class") == "os-pkgs" or self.type in purls.SYSTEM_TYPES


def read(document: Document) -> tuple[Scan, ...]:
    """The scan of a list, a SchemaVersion 2 report or a cluster. Raises Unreadable."""
    report = _Report(document)
    report.take_all()
    said = report.said
    metadata = obj(said.get("Metadata"))
    return (
        Scan(
            document.name,
            TOOL,
            text(obj(said.get("Trivy")).get("Version")),
            "trivy",
            tuple(report.findings()),
            gaps=report.gaps(),
            notes=tuple(report.notes()),
            started=moment(said.get("CreatedAt")),
            commit=text(metadata.get("Commit")),
        ),
    )


class _Report:
    """The document on its way to findings; places are given to them at the end, since keys may come in any order."""

    def __init__(self, document: Document) -> None:
        self.said: dict[str, object] = {}
        self._document = document
        self._results: dict[Path, _Result] = {}
        self._resources: dict[Path, dict[str, object]] = {}
        self._has_system = False
        self._findings = Findings(document)
        self._modified = 0

    def take_all(self) -> None:
        for shape, path, value in pieces(self._document, *_shapes(self._document)):
            if value is CLOSED:
                self._end(shape, path)
            elif len(shape) == 1:
                self.said[shape[0]] = value
            elif shape[-1] == LIST and shape[-2] in (*FOUND, *BESIDE):
                self._take(shape[-2], obj(value), path)
            elif len(shape) == 3 and shape[0] in SECTIONS:
                self._resources.setdefault(path[:2], {})[shape[2]] = value
            else:
                self._result(path[:-1]).said[shape[-1]] = value

    def _end(self, shape: Shape, path: Path) -> None:
        if shape[-2:] not in (("Results", LIST), (LIST,)):
            return
        result = self._result(path)
        if "Target" not in result.said:
            raise self._document.unreadable(f"`{spelled(path)}` has no `Target`: no whole report")
        self._has_system |= result.is_system
        if not result.found:
            del self._results[path]

    def _result(self, path: Path) -> _Result:
        return self._results.setdefault(path, _Result())

    def _take(self, kind: str, record: Object, path: Path) -> None:
        result = self._result(path[:-2])
        if kind == "Packages":
            at = line(_first(record.get("Locations")).get("StartLine"))
            name = text(record.get("ID"))
            if at and name:
                result.lines[name] = at
        elif kind == "ExperimentalModifiedFindings":
            self._modified += 1
        else:
            finding = self._finding(kind, record, spelled(path), result)
            if finding is not None:
                result.found.append(finding)

    def _finding(self, kind: str, record: Object, where: str, result: _Result) -> Finding | None:
        if kind == "Vulnerabilities":
            return self._findings.vulnerability(record, where, result.lines.get(text(record.get("PkgID"))))
        if kind == "Misconfigurations":
            return self._findings.misconfiguration(record, where)
        if kind == "Secrets":
            return self._findings.secret(record, where)
        return self._findings.license(record, where)

    def findings(self) -> Iterator[Finding]:
        is_image = self.said.get("ArtifactType") in IMAGES
        if self._document.kind is Kind.ARRAY:
            # Before SchemaVersion 2 nothing but its packages tells that an image was scanned.
            is_image = self._has_system
        for path, result in self._results.items():
            of_cluster = len(path) > 2
            name = self._name(path[:2]) if of_cluster else ""
            for finding in result.found:
                yield self._placed(result, finding, is_image=is_image or of_cluster, resource=name)

    def _placed(self, result: _Result, finding: Finding, *, is_image: bool, resource: str) -> Finding:
        at = finding.location or Location("")
        category, package = finding.category, finding.package
        if category is Category.DEPENDENCY and (is_image or result.is_system):
            category = Category.CONTAINER
        if package is not None and not package.type:
            package = replace(package, type=result.type)
        is_file = not is_image
        if at.path:
            path = at.path
        elif result.is_system:
            path, is_file = _OS_SUFFIX.sub("", result.target), False
        else:
            path, is_file = result.target, is_file and result.target not in AGGREGATED
        return replace(
            finding,
            category=category,
            package=package,
            location=replace(at, path=self._in_repository(path) if is_file else path, is_file=is_file),
            resource=resource or finding.resource,
        )

    def _in_repository(self, path: str) -> str:
        """A target is relative to the folder that was scanned, which is relative to where Trivy ran."""
        scanned = text(self.said.get("ArtifactName")).replace("\\", "/")
        path = path.replace("\\", "/")
        if self.said.get("ArtifactType") != "filesystem" or scanned.startswith("/") or ".." in scanned.split("/"):
            return path
        is_one_file = posixpath.basename(scanned) == path
        return posixpath.normpath(scanned if is_one_file else posixpath.join(scanned, path)) if path else path

    def gaps(self) -> tuple[str, ...]:
        failed = ((self._name(path), one_line(said.get("Error"))) for path, said in self._resources.items())
        errors = capped(f"`{name}` could not be scanned: {error}" for name, error in failed if error)
        version = self.said.get("SchemaVersion", SCHEMA)
        return errors if version == SCHEMA else (unknown_version("SchemaVersion", version), *errors)

    def _name(self, path: Path) -> str:
        """Namespace, kind and name of a resource of a cluster."""
        said = (one_line(self._resources.get(path, NONE).get(key)) for key in ("Namespace", "Kind", "Name"))
        return "/".join(part for part in said if part)

    def notes(self) -> Iterator[str]:
        if self._modified:
            yield f"{self._modified} findings were taken out by `.trivyignore` or VEX"
        system = obj(obj(self.said.get("Metadata")).get("OS"))
        if system.get("EOSL") is True:
            name = f"{text(system.get('Family'))} {text(system.get('Name'))}".strip()
            yield f"the operating system ({name}) has reached its end of life: no advisories appear for it any more"


def _shapes(document: Document) -> tuple[Shape, ...]:
    lists = (*FOUND, *BESIDE)
    if document.kind is Kind.ARRAY:
        return tuple((LIST, name, LIST) for name in lists)
    plain = tuple(("Results", LIST, name, LIST) for name in lists)
    return plain + tuple((section, LIST, "Results", LIST, name, LIST) for section in SECTIONS for name in lists)


def _first(value: object) -> Object:
    return obj(value[0]) if isinstance(value, list) and value else NONE


READER = Reader("trivy", recognises, read)
