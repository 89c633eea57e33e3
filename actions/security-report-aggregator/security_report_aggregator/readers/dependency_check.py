"""OWASP Dependency-Check: JSON (schema 1.1 on) and XML (every schema since 1.3).

Shapes: jsonReport.vsl and xmlReport.vsl in core/src/main/resources/templates. A vulnerability stands below the one
dependency it was found in; `relatedDependencies` are other copies of the same file and add nothing. Suppressed
vulnerabilities are listed beside the others and are only counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from actionkit.jsonstream import CLOSED
from security_report_aggregator import purls, severity
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Location, Package, Rated, Rule, Scan
from security_report_aggregator.readers import advisory_ids, dependency_check_xml
from security_report_aggregator.readers.fields import Object, moment, numbers_of_cwes, obj, objects, text, texts
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.remarks import capped, one_line
from security_report_aggregator.readers.streamed import LIST, pieces

TOOL = "dependency-check"
TYPES = {"javascript": "npm"}
"""Package URL types that Dependency-Check makes up: libraries in files that RetireJS knows."""

_SCORES = (("cvssv4", "baseScore"), ("cvssv3", "baseScore"), ("cvssv2", "score"))


def recognises(document: Document) -> bool:
    if document.kind is Kind.XML:
        return document.root is not None and dependency_check_xml.is_root(document.root)
    if document.kind is not Kind.OBJECT:
        return False
    has_frame = document.has("reportSchema") and (document.has("scanInfo") or document.has("projectInfo"))
    return has_frame or document.has("dependencies", LIST, "evidenceCollected")


def read(document: Document) -> tuple[Scan, ...]:
    """The scan; vulnerabilities it suppressed are `withheld`. Raises Unreadable."""
    report = _Report(document)
    if document.kind is Kind.XML:
        said = dependency_check_xml.parse(document, report.take)
    else:
        said = _parse_json(document, report)
    scan_info = obj(said.get("scanInfo"))
    failed = objects(document, scan_info.get("analysisExceptions"), "scanInfo.analysisExceptions")
    notes = () if report.dependencies else ("no dependency was found that could be checked",)
    return (
        Scan(
            document.name,
            TOOL,
            text(scan_info.get("engineVersion")),
            "dependency-check",
            tuple(report.found),
            withheld=report.suppressed,
            gaps=capped(_reason(exception) for exception in failed),
            notes=notes,
            started=moment(obj(said.get("projectInfo")).get("reportDate")),
        ),
    )


def _parse_json(document: Document, report: _Report) -> Object:
    said: dict[str, object] = {}
    has_dependencies = False
    for shape, _, value in pieces(document, ("dependencies", LIST)):
        has_dependencies |= shape[:1] == ("dependencies",)
        if value is CLOSED:
            continue
        if shape == ("dependencies", LIST):
            report.take(obj(value))
        else:
            said[shape[0]] = value
    if not has_dependencies:
        raise document.unreadable("has no `dependencies`")
    return said


def _reason(exception: Object) -> str:
    said = one_line((obj(exception.get("exception")) or exception).get("message"))
    return f"an analyzer failed{': ' if said else ''}{said}"


@dataclass
class _Report:
    """The findings of the dependencies taken so far."""

    document: Document
    dependencies: int = 0
    suppressed: int = 0
    found: list[Finding] = field(default_factory=list)

    def take(self, dependency: Object) -> None:
        """Raises Unreadable for lists that are none and for a vulnerability without a name."""
        self.dependencies += 1
        name = text(dependency.get("fileName"))
        path = relative(text(dependency.get("filePath")).strip().partition("?")[0])
        package = self._package(dependency)
        for vulnerability in objects(self.document, dependency.get("vulnerabilities"), f"vulnerabilities of {name}"):
            finding = self._finding(vulnerability, package, name)
            self.found.append(replace(finding, location=Location(path) if path else None))
        suppressed = dependency.get("suppressedVulnerabilities")
        self.suppressed += sum(1 for _ in objects(self.document, suppressed, f"suppressedVulnerabilities of {name}"))

    def _package(self, dependency: Object) -> Package:
        """The package with the first package URL, or the file where none was identified."""
        for identifier in objects(self.document, dependency.get("packages"), "packages"):
            found = purls.parse(text(identifier.get("id")).strip())
            if found is not None:
                return replace(found, type=TYPES.get(found.type, found.type))
        return Package("", text(dependency.get("fileName")))

    def _finding(self, vulnerability: Object, package: Package, file: str) -> Finding:
        own = text(vulnerability.get("name")).strip()
        if not own:
            raise self.document.unreadable(f"a vulnerability of `{one_line(file)}` has no `name`")
        description = " ".join(text(vulnerability.get("description")).split())
        urls = (
            text(reference.get("url")).strip()
            for reference in objects(self.document, vulnerability.get("references"), f"references of {own}")
        )
        url = next((one for one in urls if one.startswith(("https://", "http://"))), "")
        cwes = numbers_of_cwes(vulnerability.get("cwes"), vulnerability.get("cwe"))
        return Finding(
            category=Category.DEPENDENCY,
            tool=TOOL,
            rule=Rule(own, description=description, help_uri=url, cwes=cwes, tags=texts(vulnerability.get("source"))),
            rated=_rated(vulnerability),
            message=description or own,
            package=package,
            aliases=advisory_ids.weakness_ids(own),
            url=url,
        )


def _rated(vulnerability: Object) -> Rated:
    """The own word; some data sources write a number there, and some nothing but a score beside it."""
    word = vulnerability.get("severity")
    scores = dict(_scores(vulnerability))
    said = advisory_ids.rated(word, "severity", scores.values())
    scored = (severity.by_score(score, source) for source, score in scores.items())
    return severity.first_known(said, severity.by_score(word, "severity"), *scored, said)


def _scores(vulnerability: Object) -> Iterator[tuple[str, object]]:
    for key, score in _SCORES:
        yield f"{key} {score}", obj(vulnerability.get(key)).get(score)
    yield "cvssScore", vulnerability.get("cvssScore")


READER = Reader("dependency-check", recognises, read)
