"""Grype JSON. Shapes: `Document` and what it holds in grype's grype/presenter/models.

Matches that Grype was told to ignore stand beside the matches and are counted in a note, and so are packages of a
distribution that has reached its end of life.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from actionkit.jsonstream import CLOSED
from security_report_aggregator import purls
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Location, Package, Rule, Scan
from security_report_aggregator.readers.advisory_ids import rated, weakness_ids
from security_report_aggregator.readers.fields import Object, moment, numbers_of_cwes, obj, objects, text, texts
from security_report_aggregator.readers.remarks import one_line
from security_report_aggregator.readers.streamed import LIST, pieces, spelled

TOOL = "grype"
OLD = timedelta(days=5)
"""Age of its data base from which Grype refuses to scan, unless it is told otherwise."""


def recognises(document: Document) -> bool:
    if document.kind is not Kind.OBJECT:
        return False
    has_match = document.has("matches", LIST, "vulnerability") and document.has("matches", LIST, "artifact")
    is_empty = document.has("matches") and document.has("descriptor", "name") and document.has("source")
    return has_match or is_empty


def read(document: Document) -> tuple[Scan, ...]:
    """The scan; ignored matches are a note. Raises Unreadable."""
    report = _Report(document)
    report.take_all()
    descriptor = obj(report.said.get("descriptor"))
    return (
        Scan(
            document.name,
            TOOL,
            text(descriptor.get("version")),
            "grype",
            tuple(report.findings()),
            gaps=tuple(report.gaps()),
            notes=tuple(report.notes()),
            started=moment(descriptor.get("timestamp")),
        ),
    )


class _Report:
    """The document on its way to findings; what was scanned is known at its end only."""

    def __init__(self, document: Document) -> None:
        self.said: dict[str, object] = {}
        self._document = document
        self._found: list[Finding] = []
        self._rules: dict[str, Rule] = {}
        self._ignored = 0
        self._alerts: dict[str, int] = {}

    def take_all(self) -> None:
        lists = ("matches", "ignoredMatches", "alertsByPackage")
        for shape, path, value in pieces(self._document, *((name, LIST) for name in lists)):
            if value is CLOSED:
                continue
            if shape == ("matches", LIST):
                self._found.append(self._match(obj(value), spelled(path)))
            elif shape == ("ignoredMatches", LIST):
                self._ignored += 1
            elif shape == ("alertsByPackage", LIST):
                self._alerted(obj(value), spelled(path))
            else:
                self.said[shape[0]] = value

    def _alerted(self, package: Object, where: str) -> None:
        alerts = objects(self._document, package.get("alerts"), f"{where}.alerts")
        for kind in {text(alert.get("type")) for alert in alerts}:
            self._alerts[kind] = self._alerts.get(kind, 0) + 1

    def _match(self, match: Object, where: str) -> Finding:
        vulnerability, artifact = obj(match.get("vulnerability")), obj(match.get("artifact"))
        own, name = text(vulnerability.get("id")), text(artifact.get("name"))
        if not own or not name:
            raise self._document.unreadable(f"`{where}` has no `vulnerability.id` or no `artifact.name`")
        related = list(objects(self._document, match.get("relatedVulnerabilities"), f"{where}.relatedVulnerabilities"))
        rule = self._rules.get(own) or self._rules.setdefault(own, _rule(own, vulnerability, related))
        package = purls.parse(artifact.get("purl")) or Package(
            purls.type_of(artifact.get("type")), name, text(artifact.get("version"))
        )
        return Finding(
            category=Category.DEPENDENCY,
            tool=TOOL,
            rule=rule,
            rated=rated(vulnerability.get("severity"), "severity", _scores(vulnerability, *related)),
            message=rule.description or f"{own} in {name} {package.version}",
            location=Location(_path(self._document, artifact, where)),
            package=package,
            aliases=weakness_ids(own, (text(one.get("id")) for one in related)),
            fixed_in=texts(obj(vulnerability.get("fix")).get("versions")),
            url=rule.help_uri,
        )

    def findings(self) -> Iterator[Finding]:
        source = obj(self.said.get("source"))
        target = source.get("target")
        is_image = source.get("type") == "image"
        image = text(obj(target).get("userInput"))
        folder = text(target) if source.get("type") == "directory" else ""
        for finding in self._found:
            of_system = finding.package is not None and finding.package.type in purls.SYSTEM_TYPES
            path = finding.location.path if finding.location else ""
            is_file = not is_image and not of_system and bool(path)
            if is_image and (of_system or not path):
                # The data base of the system's packages lies in every image; the image tells one from the other.
                path = image
            yield replace(
                finding,
                category=Category.CONTAINER if is_image or of_system else Category.DEPENDENCY,
                location=Location(_in_repository(path, folder) if is_file else path, is_file=is_file) if path else None,
            )

    def gaps(self) -> Iterator[str]:
        base = _data_base(obj(self.said.get("descriptor")))
        error = one_line(base.get("error"))
        if base.get("valid") is False or error:
            yield f"Grype says its data base is not valid{': ' if error else ''}{error}"
        if disabled := self._alerts.get("distro-disabled"):
            yield f"{disabled} packages were not checked: Grype does not match those of their distribution"

    def notes(self) -> Iterator[str]:
        if self._ignored:
            yield f"{self._ignored} matches were ignored by Grype's rules or VEX"
        if ended := self._alerts.get("distro-eol"):
            yield f"{ended} packages are of a distribution that has reached its end of life: advisories may be missing"
        descriptor = obj(self.said.get("descriptor"))
        ran, built = moment(descriptor.get("timestamp")), moment(_data_base(descriptor).get("built"))
        if ran and built and ran - built > OLD:
            yield f"Grype's data base was {(ran - built).days} days old when it ran"


def _rule(own: str, vulnerability: Object, related: list[Object]) -> Rule:
    descriptions = (text(one.get("description")) for one in (vulnerability, *related))
    return Rule(
        own,
        description=next((said for said in descriptions if said), ""),
        help_uri=text(vulnerability.get("dataSource")),
        cwes=numbers_of_cwes(*(one.get("cwes") for one in (vulnerability, *related))),
    )


def _scores(*vulnerabilities: Object) -> Iterator[object]:
    for vulnerability in vulnerabilities:
        cvss = vulnerability.get("cvss")
        for one in cvss if isinstance(cvss, list) else ():
            yield obj(obj(one).get("metrics")).get("baseScore")


def _path(document: Document, artifact: Object, where: str) -> str:
    locations = objects(document, artifact.get("locations"), f"{where}.artifact.locations")
    return next((text(one.get("path")).lstrip("/") for one in locations), "")


def _in_repository(path: str, folder: str) -> str:
    """Paths start at the folder that was scanned, which is relative to where Grype ran."""
    folder = folder.replace("\\", "/")
    if folder.startswith("/") or ".." in folder.split("/"):
        return path
    return posixpath.normpath(posixpath.join(folder, path))


def _data_base(descriptor: Object) -> Object:
    """What is said of the vulnerability data base; from version 6 of its schema on one step deeper."""
    base = obj(descriptor.get("db"))
    return obj(base.get("status")) or base


READER = Reader("grype", recognises, read)
