"""The four kinds of records in a Trivy report as findings; their targets are added by the reader (`trivy`)."""

from __future__ import annotations

from collections.abc import Iterator

from security_report_aggregator import purls, severity
from security_report_aggregator.document import Document
from security_report_aggregator.model import Category, Finding, Location, Package, Rule
from security_report_aggregator.readers.advisory_ids import rated, weakness_ids
from security_report_aggregator.readers.fields import Object, line, moment, numbers_of_cwes, obj, text, texts

TOOL = "trivy"
SEVERITY = "Severity"
UNNAMED = "vulnerability-without-an-id"


class Findings:
    """Makes findings of records; equal rules and packages are one object, however many records share them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._rules: dict[str, Rule] = {}
        self._packages: dict[str, Package | None] = {}

    def vulnerability(self, record: Object, where: str, at: int | None) -> Finding:
        """`at` is the line of the package in its lock file. Raises Unreadable for a record without id and package."""
        own = text(record.get("VulnerabilityID"))
        if not own:
            # Of the days before SchemaVersion 2; what nobody named cannot be rated, and must not hide the others.
            self._id(record, "PkgName", where)
            own = UNNAMED
        url = text(record.get("PrimaryURL"))
        title = text(record.get("Title"))
        description = text(record.get("Description"))
        cwes = numbers_of_cwes(record.get("CweIDs"))
        rule = self._rules.setdefault(own, Rule(own, title, description, url, cwes))
        package = self._package(record)
        return Finding(
            category=Category.DEPENDENCY,
            tool=TOOL,
            rule=rule,
            rated=rated(record.get(SEVERITY), SEVERITY, _scores(record)),
            message=rule.name or rule.description or f"{own} in {package.name} {package.version}",
            location=Location(text(record.get("PkgPath")), at),
            package=package,
            aliases=weakness_ids(own, texts(record.get("VendorIDs"))),
            fixed_in=texts(text(record.get("FixedVersion")).split(", ")),
            published=moment(record.get("PublishedDate")),
            url=url,
        )

    def misconfiguration(self, record: Object, where: str) -> Finding | None:
        """None for a check that passed."""
        if record.get("Status") == "PASS":
            return None
        own = self._id(record, "ID", where)
        cause = obj(record.get("CauseMetadata"))
        url = text(record.get("PrimaryURL"))
        title, description = text(record.get("Title")), text(record.get("Description"))
        rule = Rule(own, title, description, url, tags=texts(record.get("AVDID")))
        return Finding(
            category=Category.IAC,
            tool=TOOL,
            rule=self._rules.setdefault(own, rule),
            rated=severity.by_word(record.get(SEVERITY), SEVERITY),
            message=text(record.get("Message")) or title or own,
            # Without the code of the cause: checks for secrets in Dockerfiles quote the secret.
            location=Location("", line(cause.get("StartLine")), end_line=line(cause.get("EndLine"))),
            resource=text(cause.get("Resource")),
            suppressed="Trivy was told to except it" if record.get("Status") == "EXCEPTION" else "",
            url=url,
        )

    def secret(self, record: Object, where: str) -> Finding:
        """`Match` and `Code` are not looked at: what they show beside the masked secret may be another."""
        own = self._id(record, "RuleID", where)
        title = text(record.get("Title"))
        rule = Rule(own, title, tags=texts(record.get("Category")))
        return Finding(
            category=Category.SECRET,
            tool=TOOL,
            rule=self._rules.setdefault(own, rule),
            rated=severity.by_word(record.get(SEVERITY), SEVERITY),
            message=title or own,
            location=Location("", line(record.get("StartLine")), end_line=line(record.get("EndLine"))),
        )

    def license(self, record: Object, where: str) -> Finding:
        """A licence that Trivy classifies, with its own severity for the class."""
        own = self._id(record, "Name", where)
        kind = text(record.get("Category"))
        holder = text(record.get("PkgName"))
        path = text(record.get("FilePath"))
        rule = Rule(own, f"{kind} licence" if kind else "licence", help_uri=text(record.get("Link")), tags=texts(kind))
        return Finding(
            category=Category.LICENSE,
            tool=TOOL,
            rule=self._rules.setdefault(f"licence {own}", rule),
            rated=severity.by_word(record.get(SEVERITY), SEVERITY),
            message=f"{holder or path or 'a file'} has the licence {own}",
            location=Location(path),
            package=Package("", holder) if holder else None,
            license=own,
            confidence=text(record.get("Confidence")),
        )

    def _package(self, record: Object) -> Package:
        """Without a type where the record has no purl; the type of the target is that of the package then."""
        purl = text(obj(record.get("PkgIdentifier")).get("PURL")) or text(record.get("Ref"))
        if purl not in self._packages:
            self._packages[purl] = purls.parse(purl)
        return self._packages[purl] or Package("", text(record.get("PkgName")), text(record.get("InstalledVersion")))

    def _id(self, record: Object, key: str, where: str) -> str:
        found = text(record.get(key))
        if not found:
            raise self._document.unreadable(f"`{where}` has no `{key}`")
        return found


def _scores(record: Object) -> Iterator[object]:
    """CVSS scores, that of the source of the severity first."""
    cvss = obj(record.get("CVSS"))
    for source in dict.fromkeys((text(record.get("SeveritySource")), "nvd", "ghsa", "redhat")):
        scores = obj(cvss.get(source))
        yield from (scores[key] for key in ("V40Score", "V3Score", "V2Score") if key in scores)
