"""Findings of Semgrep Supply Chain as its API gives them (`/api/v1/deployments/…/ssc-vulns`): a page of `vulns`."""

from __future__ import annotations

import re

from security_report_aggregator import purls
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.model import Category, Finding, Location, Package, Rule, Scan
from security_report_aggregator.readers import strict
from security_report_aggregator.readers.fields import Object, line, moment, numbers_of_cwes, obj, text, texts
from security_report_aggregator.readers.ids import ids_in
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.streamed import LIST, pieces, spelled
from security_report_aggregator.severity import by_word

TOOL = "semgrep"
FORMAT = "semgrep-supply-chain"
VULN = ("vulns", LIST)

MANIFESTS = (
    (re.compile(r"requirements[^/]*\.(txt|in|pip)|Pipfile(\.lock)?|poetry\.lock|uv\.lock|pyproject\.toml"), "pypi"),
    (re.compile(r"package(-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|npm-shrinkwrap\.json"), "npm"),
    (re.compile(r"Gemfile(\.lock)?"), "gem"),
    (re.compile(r"go\.(mod|sum)"), "golang"),
    (re.compile(r"pom\.xml|gradle\.lockfile|build\.gradle(\.kts)?|maven_dep_tree\.txt"), "maven"),
    (re.compile(r"Cargo\.(toml|lock)"), "cargo"),
    (re.compile(r"composer\.(json|lock)"), "composer"),
)
"""Names of manifests and their purl types. The advisory's ecosystem is one of several that it may speak of."""


def recognises(document: Document) -> bool:
    return document.kind is Kind.OBJECT and document.has(*VULN, "advisory") and document.has(*VULN, "matchedDependency")


def read(document: Document) -> tuple[Scan, ...]:
    """One scan. Raises Unreadable."""
    rest: dict[str, object] = {}
    rules: dict[Rule, Rule] = {}
    findings: list[Finding] = []
    for shape, path, value in pieces(document, VULN):
        if shape == VULN:
            findings.append(_finding(document, obj(value), spelled(path), rules))
        elif path:
            rest[str(path[0])] = value
    strict.require_list(document, rest, "vulns")
    gaps = ("holds one page of the findings: `hasMore` says that there are more",) if rest.get("hasMore") else ()
    return (Scan(document.name, TOOL, "", FORMAT, tuple(findings), gaps=gaps),)


def _finding(document: Document, vuln: Object, where: str, rules: dict[Rule, Rule]) -> Finding:
    advisory = obj(vuln.get("advisory"))
    references = obj(advisory.get("references"))
    own = text(advisory.get("ruleId"))
    if not own:
        raise document.unreadable(f"`{where}.advisory` has no ruleId")
    urls = texts(references.get("urls"))
    rule = Rule(
        own,
        text(advisory.get("title")),
        text(advisory.get("description")),
        urls[0] if urls else "",
        numbers_of_cwes(references.get("cweIds")),
        texts(references.get("owaspIds")),
    )
    place = obj(vuln.get("dependencyFileLocation"))
    path = relative(text(place.get("path")))
    matched = obj(vuln.get("matchedDependency"))
    fix = obj(vuln.get("closestSafeDependency"))
    status = text(obj(vuln.get("triage")).get("status")).upper()
    return Finding(
        Category.DEPENDENCY,
        TOOL,
        rules.setdefault(rule, rule),
        by_word(advisory.get("severity"), "severity of the advisory"),
        text(vuln.get("title")) or own,
        Location(path, line(place.get("startLine"))) if path else None,
        Package(_type(path, advisory), text(matched.get("name")), text(matched.get("versionSpecifier"))),
        ids_in(references.get("cveIds"), references.get("urls")),
        texts(fix.get("versionSpecifier")),
        suppressed=f"triaged as {status.lower()}" if status in ("CLOSED", "IGNORED", "FIXED") else "",
        published=moment(advisory.get("announcedAt")),
        url=rule.help_uri,
        confidence=text(vuln.get("exposureType")).lower(),
    )


def _type(path: str, advisory: Object) -> str:
    name = path.rpartition("/")[2]
    by_name = next((type_ for pattern, type_ in MANIFESTS if pattern.fullmatch(name)), "")
    return by_name or purls.type_of(advisory.get("ecosystem"))
