"""Records in a Snyk report as findings; what only the project says of them is added by the reader (`snyk`)."""

from __future__ import annotations

import re

from security_report_aggregator import purls
from security_report_aggregator.document import Document
from security_report_aggregator.model import Category, Finding, Level, Location, Package, Rated, Rule
from security_report_aggregator.readers.fields import Object, line, moment, numbers_of_cwes, obj, text, texts
from security_report_aggregator.readers.ids import ids_in
from security_report_aggregator.severity import by_score, by_vector, by_word, first_known

TOOL = "snyk"
IAC_TOOL = "snyk-iac"

TYPES = {
    "amzn": "rpm",
    "centos": "rpm",
    "chainguard": "apk",
    "fedora": "rpm",
    "golangdep": "golang",
    "gomodules": "golang",
    "govendor": "golang",
    "ol": "rpm",
    "paket": "nuget",
    "rhel": "rpm",
    "rocky": "rpm",
    "sbt": "maven",
    "sles": "rpm",
    "wolfi": "apk",
}
"""Package managers and distributions that only Snyk calls so -> purl type."""

_RESOURCE = re.compile(r"(\w+)\[(.+)\]")
"""A Terraform resource on the path to a setting: `aws_s3_bucket[logs]`."""


def package_type(manager: object) -> str:
    """The purl type for `packageManager` (`maven`, `gomodules`, `debian:11`); "" for one nobody knows."""
    return TYPES.get(text(manager).split(":", 1)[0].lower(), "") or purls.type_of(manager)


def vulnerability(document: Document, issue: Object, where: str, rules: dict[Rule, Rule]) -> Finding:
    """A vulnerability, or a licence issue. Raises Unreadable for a record without an id."""
    own = _own(document, issue, where)
    name = text(issue.get("packageName")) or text(issue.get("moduleName")) or text(issue.get("name"))
    identifiers = obj(issue.get("identifiers"))
    license_ = _license(issue)
    url = f"https://security.snyk.io/vuln/{own}" if own.startswith("SNYK-") else ""
    rule = Rule(
        own, text(issue.get("title")), text(issue.get("description")), url, numbers_of_cwes(identifiers.get("CWE"))
    )
    return Finding(
        Category.LICENSE if license_ else Category.DEPENDENCY,
        TOOL,
        rules.setdefault(rule, rule),
        _rated(issue),
        rule.name or own,
        package=Package(package_type(issue.get("packageManager")), name, text(issue.get("version"))) if name else None,
        aliases=() if license_ else ids_in(identifiers.get("CVE"), identifiers.get("GHSA")),
        fixed_in=texts(issue.get("fixedIn")) or texts(issue.get("nearestFixedInVersion")),
        license=license_,
        suppressed="ignored by Snyk's policy" if issue.get("isIgnored") is True else "",
        published=moment(issue.get("publicationTime")),
        url=url,
    )


def infrastructure(document: Document, issue: Object, where: str, rules: dict[Rule, Rule]) -> Finding:
    """A misconfiguration. Raises Unreadable for a record without an id."""
    own = text(issue.get("publicId")) or _own(document, issue, where)
    address = text(issue.get("documentation"))
    said = obj(issue.get("iacDescription"))
    rule = Rule(
        own,
        text(issue.get("title")),
        text(said.get("issue")) or text(issue.get("issue")),
        address if address.startswith("https://") else f"https://security.snyk.io/rules/cloud/{own}",
    )
    return Finding(
        Category.IAC,
        IAC_TOOL,
        rules.setdefault(rule, rule),
        by_word(issue.get("severity"), "severity"),
        ": ".join(one for one in (rule.name or own, text(issue.get("impact"))) if one),
        Location("", line(issue.get("lineNumber"))),
        resource=_resource(issue),
        suppressed="ignored by Snyk's policy" if issue.get("isIgnored") is True else "",
        url=rule.help_uri,
    )


def _rated(issue: Object) -> Rated:
    """The word, else the score, else the vector, which is only then worked out."""
    # `severity` stood at high for what is critical before `severityWithCritical` came to it.
    word = issue.get("severityWithCritical") or issue.get("severity")
    score = by_score(issue.get("cvssScore"), "cvssScore")
    found = first_known(by_word(word, "severity", score=score.score), score)
    return found if found.level is not Level.UNKNOWN else by_vector(issue.get("CVSSv3"))


def _own(document: Document, issue: Object, where: str) -> str:
    own = text(issue.get("id"))
    if not own:
        raise document.unreadable(f"`{where}` has no id")
    return own


def _license(issue: Object) -> str:
    """The licence of an issue of type `license`, whose id ends in it: `snyk:lic:npm:shop:GPL-3.0`."""
    own = text(issue.get("id"))
    if issue.get("type") != "license" and not own.startswith("snyk:lic:"):
        return ""
    return text(issue.get("license")) or own.rpartition(":")[2]


def _resource(issue: Object) -> str:
    """`aws_s3_bucket.logs` for Terraform, else the path to the setting."""
    path = texts(issue.get("path"))
    if len(path) > 1 and path[0] == "resource" and (found := _RESOURCE.fullmatch(path[1])):
        return f"{found[1]}.{found[2]}"
    return text(issue.get("msg")) or ".".join(path)
