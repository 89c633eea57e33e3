"""What all findings of a weakness say together: where, how it is called, what fixes it, and whether they disagree."""

from __future__ import annotations

from datetime import UTC, datetime

from security_report_aggregator.model import Level, Location, Package, Weakness
from security_report_aggregator.versions import order


def fixed_in(weakness: Weakness) -> tuple[str, ...]:
    """Every version that any scanner says fixes it, each once, the lowest first."""
    package = package_of(weakness)
    type_ = package.type if package else ""
    versions = {version.strip() for finding in weakness.findings for version in finding.fixed_in if version.strip()}
    return tuple(sorted(versions, key=lambda version: (order(type_, version), version)))


def published(weakness: Weakness) -> datetime | None:
    """When its advisory first appeared, in UTC; None where no scanner says. A time without zone is UTC."""
    moments = [finding.published for finding in weakness.findings if finding.published is not None]
    return min((moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments), default=None)


def location_of(weakness: Weakness) -> Location | None:
    """The most precise place that any scanner names: one with a line before one without."""
    places = [finding.location for finding in weakness.findings if finding.location is not None]
    return next((place for place in places if place.line is not None), places[0] if places else None)


def package_of(weakness: Weakness) -> Package | None:
    """The package, from a finding that names its ecosystem and version if there is one."""
    packages = [finding.package for finding in weakness.findings if finding.package is not None]
    return max(packages, key=lambda package: (bool(package.type), bool(package.version)), default=None)


def title_of(weakness: Weakness) -> str:
    """One line: the name of the rule or the advisory, else the first line of a message, else the rule's id.

    A name is a text of several words; `hashlib` or `hardcoded_bind_all_interfaces` tells nobody what is wrong.
    """
    for finding in weakness.findings:
        if len(finding.rule.name.split()) > 1 and finding.rule.name != finding.rule.id:
            return " ".join(finding.rule.name.split())
    for finding in weakness.findings:
        first = next((line for line in finding.message.splitlines() if line.strip()), "")
        if first:
            return " ".join(first.split())
    return weakness.first.rule.id


def advisory_of(weakness: Weakness) -> str:
    """Where to read more: the first advisory any finding leads to, else the help of a rule; "" for none."""
    urls = [finding.url for finding in weakness.findings] + [finding.rule.help_uri for finding in weakness.findings]
    return next((url for url in urls if url), "")


def disagreement(weakness: Weakness) -> bool:
    """Whether two scanners rate it differently; one that gives no severity does not disagree."""
    return len({level for level in weakness.ratings.values() if level is not Level.UNKNOWN}) > 1


def is_suppressed(weakness: Weakness) -> bool:
    """Whether every scanner that reports it was told to set it aside."""
    return all(finding.suppressed for finding in weakness.findings)
