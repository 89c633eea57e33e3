"""One list without duplicates: the findings of all scans as weaknesses, each with an id that survives moved lines.

What makes two findings one depends on what they speak of: `package_match`, `place_match`, `secrets_match`,
`other_match`. Descriptions and severities never count. The order of reports and of findings changes nothing. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import attrgetter

from security_report_aggregator import other_match, package_match, place_match, secrets_match
from security_report_aggregator.alias_groups import advisory_in, canonical, rank
from security_report_aggregator.model import Category, Finding, Level, Scan, Weakness
from security_report_aggregator.rows import Lines, Row
from security_report_aggregator.severity import highest

ID_LENGTH = 24
"""Hex digits of SHA-256: nobody can craft two weaknesses of one id."""

_CATEGORIES = tuple(Category)
_RANKS = {level: level.rank for level in Level}


def weaknesses(scans: Sequence[Scan], lines: Lines) -> tuple[Weakness, ...]:
    """All findings as weaknesses, the worst first, then by id.

    `lines` gives the source text of a path and line, None where it is unknown. A weakness of which every finding is
    suppressed is kept. Linear but for sorting.
    """
    advisories: list[Finding] = []
    places: list[Finding] = []
    secrets: list[Finding] = []
    alerts: list[Finding] = []
    licenses: list[Finding] = []
    of_category = {
        Category.DEPENDENCY: advisories,
        Category.SECRET: secrets,
        Category.DAST: alerts,
        Category.LICENSE: licenses,
    }
    for finding in chain.from_iterable((*scan.findings, *scan.policy_findings) for scan in scans):
        category = finding.category
        if category is Category.CONTAINER and _is_advisory(finding):
            advisories.append(finding)
        else:
            of_category.get(category, places).append(finding)
    found = chain(
        package_match.rows(advisories),
        place_match.rows(places, lines),
        secrets_match.rows(secrets),
        other_match.alert_rows(alerts),
        other_match.license_rows(licenses),
    )
    listed = sorted(_weaknesses(found), key=attrgetter("id"))
    listed.sort(key=lambda weakness: -_RANKS[weakness.rated.level])
    return tuple(listed)


def _is_advisory(finding: Finding) -> bool:
    """Of a container: whether it speaks of a package, or of how the image is built."""
    return finding.package is not None or bool(finding.aliases) or bool(advisory_in(finding.rule.id))


def _weaknesses(rows: Iterator[Row]) -> Iterator[Weakness]:
    shared: dict[tuple[tuple[str, Level], ...], tuple[tuple[str, ...], Mapping[str, Level]]] = {}
    for key, members, aliases in rows:
        if len(members) == 1:
            (only,) = findings = tuple(members)
            category, rated = only.category, only.rated
            said: tuple[tuple[str, Level], ...] = ((only.tool, rated.level),)
        else:
            findings = _ordered(members)
            category = min((finding.category for finding in findings), key=_CATEGORIES.index)
            rated = highest(finding.rated for finding in findings)
            said = _ratings(findings)
        # A million weaknesses share a handful of these.
        known = shared.get(said)
        if known is None:
            known = shared[said] = (tuple(tool for tool, _ in said), dict(said))
        yield Weakness(
            id=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH],
            category=category,
            findings=findings,
            rated=rated,
            tools=known[0],
            ratings=known[1],
            aliases=aliases or _aliases(findings),
        )


def _aliases(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    named = {canonical(alias) for finding in findings for alias in finding.aliases}
    return tuple(sorted(named, key=rank)) if named else ()


def _ratings(findings: tuple[Finding, ...]) -> tuple[tuple[str, Level], ...]:
    worst: dict[str, Level] = {}
    for finding in findings:
        before = worst.get(finding.tool)
        if before is None or _RANKS[finding.rated.level] > _RANKS[before]:
            worst[finding.tool] = finding.rated.level
    return tuple(sorted(worst.items()))


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """The one that says most first, equal ones once; the same whatever order they came in."""
    findings = list({id(finding): finding for finding in findings}.values())
    kept: list[Finding] = []
    for _, group in groupby(sorted(findings, key=_says_most), key=_says_most):
        alike = list(group)
        if len(alike) > 1:
            alike.sort(key=repr)
        kept.extend(finding for at, finding in enumerate(alike) if not at or finding != alike[at - 1])
    return tuple(kept)


def _says_most(finding: Finding) -> tuple[bool, bool, bool, bool, int, str, str, int, int, str, str]:
    at = finding.location
    level = finding.rated.level
    return (
        level is Level.UNKNOWN,
        at is None or at.line is None,
        not finding.fixed_in,
        not finding.url,
        -_RANKS[level],
        finding.tool,
        at.path if at else "",
        (at.line or 0) if at else 0,
        (at.column or 0) if at else 0,
        finding.rule.id,
        finding.message,
    )
