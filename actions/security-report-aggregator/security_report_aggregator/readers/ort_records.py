"""What ORT's results and its evaluated model share: packages, licences, vulnerabilities, violations and issues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from security_report_aggregator import purls, severity
from security_report_aggregator.document import Document
from security_report_aggregator.model import Category, Finding, Level, Licensed, Package, Rated, Rule, Scan
from security_report_aggregator.readers.advisory_ids import weakness_ids
from security_report_aggregator.readers.fields import Object, moment, obj, objects, text, texts
from security_report_aggregator.readers.remarks import capped, one_line

TOOL = "ort"
SEVERITIES = {"error": Level.HIGH, "warning": Level.MEDIUM, "hint": Level.LOW}
TYPES = {"ant": "maven", "crate": "cargo", "godep": "golang", "sbt": "maven", "yarn2": "npm"}
"""Package managers that ORT names otherwise than anybody else."""


@dataclass
class Inventory:
    """What has been read of a report so far; everything refers to packages by ORT's ids."""

    document: Document
    licensed: list[Licensed] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def scan(self, *, notes: Iterable[str], version: str = "", commit: str = "", started: object = None) -> Scan:
        return Scan(
            self.document.name,
            TOOL,
            version,
            "ort",
            tuple(self.found),
            tuple(self.licensed),
            gaps=capped(self.errors),
            notes=tuple(notes),
            started=moment(started),
            commit=commit,
        )

    def take_package(self, own: str, record: Object, declared: tuple[str, ...], unmapped: tuple[str, ...]) -> None:
        """`declared` are the licences as the package writes them, `unmapped` those ORT could make nothing of."""
        if not own:
            raise self.document.unreadable("a package has no `id`")
        package = purls.parse(record.get("purl")) or package_of(own)
        concluded = text(record.get("concluded_license"))
        known = text(obj(record.get("declared_licenses_processed")).get("spdx_expression"))
        parts = (known, *unmapped) if known else declared
        joined = " AND ".join(f"({part})" if len(parts) > 1 and " " in part else part for part in parts if part)
        self.licensed.append(Licensed(package, concluded or joined))

    def take_issues(self, value: object, what: str) -> None:
        """Errors become gaps; one without a severity is an error. `what` is the place in the document."""
        for issue in objects(self.document, value, what):
            if (text(issue.get("severity")) or "ERROR") == "ERROR" and not issue.get("resolutions"):
                source = one_line(issue.get("source"))
                self.errors.append(f"{source}{': ' if source else ''}{one_line(issue.get('message'))}")

    def take_vulnerability(self, record: Object, package: str, where: str) -> None:
        """A finding of the advisor, rated as the worst of its references says."""
        own = self._named(record, "id", where)
        references = list(objects(self.document, record.get("references"), f"{where}.references"))
        url = next((found for one in references if (found := text(one.get("url")))), "")
        summary, description = text(record.get("summary")), text(record.get("description"))
        self.found.append(
            Finding(
                category=Category.DEPENDENCY,
                tool=TOOL,
                rule=Rule(own, summary, description, url),
                rated=severity.highest(rated for one in references for rated in _rated(one)),
                message=summary or description or own,
                package=package_of(package),
                aliases=weakness_ids(own),
                suppressed=_resolved(record),
                url=url,
            )
        )

    def take_violation(self, record: Object, package: str, license_: str, where: str) -> None:
        """A finding of the evaluator: a licence that a rule of the project forbids."""
        own = self._named(record, "rule", where)
        self.found.append(
            Finding(
                category=Category.LICENSE,
                tool=TOOL,
                rule=Rule(own, tags=texts(record.get("license_source"))),
                rated=severity.by_word(record.get("severity"), "severity", words=SEVERITIES),
                message=text(record.get("message")) or own,
                package=package_of(package) if package else None,
                license=license_,
                suppressed=_resolved(record),
            )
        )

    def _named(self, record: Object, key: str, where: str) -> str:
        found = text(record.get(key))
        if not found:
            raise self.document.unreadable(f"`{where}` has no `{key}`")
        return found


def package_of(own: str) -> Package:
    """`NPM:@scope:name:1.0` as a package; ORT's ids are type, namespace, name and version."""
    if own.count(":") < 3:
        return Package("", own)
    type_, _, rest = own.partition(":")
    names, _, version = rest.rpartition(":")
    purl_type = TYPES.get(type_.lower()) or purls.type_of(type_)
    separator = ":" if purl_type == "maven" else "/"
    return Package(purl_type, separator.join(part for part in names.split(":") if part), version)


def _rated(reference: Object) -> Iterator[Rated]:
    """The word, or else the score, of one source; systems other than CVSS (EPSS) say nothing of how bad it is."""
    system = text(reference.get("scoring_system"))
    word = reference.get("severity")
    yield severity.by_word(word, f"severity {system}".strip())
    if system.upper().startswith("CVSS") or not system:
        # Before ORT 26 the severity was the score.
        yield severity.by_score(word, system or "severity")
        yield severity.by_score(reference.get("score"), f"{system} score".strip())


def _resolved(record: Object) -> str:
    return "resolved in ORT's configuration" if record.get("resolutions") else ""
