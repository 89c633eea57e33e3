"""Licences of dependencies held against the policy. Pure.

An expression passes if one side of each OR is wholly allowed and nothing of it denied. What is denied is high, what is
merely not allowed medium, and a text that nobody can place has no known severity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import IntEnum

from actionkit.errors import Complaint
from actionkit.nearest import nearest
from actionkit.origin import Origin
from actionkit.untrusted import one_line, shortened
from security_report_aggregator import package_names, spdx
from security_report_aggregator.model import Category, Finding, Level, Licensed, Package, Rated, Rule, Scan, Weakness
from security_report_aggregator.policy import Licenses

DENIED = "`licenses.deny` of the policy"
NOT_ALLOWED = "`licenses.allow` of the policy"
UNREAD = "the licence text is no SPDX expression"
"""Sources of a severity that the policy gives."""

ALLOWED = "allowed by `licenses` of the policy"
"""Why a licence finding of a scanner is set aside."""


class Standing(IntEnum):
    """From good to bad: AND has the worst of its parts, OR the best. Nobody knows if what cannot be read is allowed."""

    ALLOWED = 0
    UNREAD = 1
    NOT_ALLOWED = 2
    DENIED = 3


_RATED = {
    Standing.NOT_ALLOWED: Rated(Level.MEDIUM, "not allowed", NOT_ALLOWED),
    Standing.UNREAD: Rated(Level.UNKNOWN, "", UNREAD),
    Standing.DENIED: Rated(Level.HIGH, "denied", DENIED),
}


def judged(scans: Sequence[Scan], licenses: Licenses | None) -> tuple[Scan, ...]:
    """The scans with what the policy makes of their licences.

    Packages of inventories become `policy_findings`; licence findings of scanners are set aside where the policy allows
    them and rated up where it is stricter. Without a policy everything stays as it is.
    """
    if licenses is None or not any(_speaks_of_licenses(scan) for scan in scans):
        return tuple(scans)
    book = _Book(licenses)
    return tuple(_judged(scan, book) if _speaks_of_licenses(scan) else scan for scan in scans)


def breaks(weakness: Weakness) -> bool:
    """Whether the policy itself denies this licence, or does not allow it."""
    return weakness.category is Category.LICENSE and any(
        finding.rated.source in (DENIED, NOT_ALLOWED) for finding in weakness.findings if not finding.suppressed
    )


def allowed(weakness: Weakness) -> bool:
    """Whether the policy allows every licence that scanners report here."""
    return weakness.category is Category.LICENSE and all(finding.suppressed == ALLOWED for finding in weakness.findings)


def complaints(names: Iterable[tuple[str, str, Origin]]) -> Iterator[Complaint]:
    """What is wrong with entries of the lists: `allow` or `deny`, the text, where. A misspelt id would deny nothing."""
    listed: dict[object, tuple[str, Origin]] = {}
    for kind, text, origin in names:
        meant = spdx.read(text)
        if not isinstance(meant, spdx.Licence) or not meant.known:
            yield _unknown(text, meant, origin)
            continue
        before, where = listed.setdefault(meant, (kind, origin))
        if before != kind:
            message = f"{origin} {'allows' if kind == 'allow' else 'denies'} `{meant}`, and {where} does the opposite"
            yield Complaint(message, "Keep one of the two.", origin.path, origin.line)


def _unknown(text: str, meant: spdx.Expression | None, origin: Origin) -> Complaint:
    shown = shortened(one_line(text), 80)
    if meant is not None and not isinstance(meant, spdx.Licence):
        fix = f"Write each on its own: {', '.join(f'`{one}`' for one in spdx.leaves(meant))}."
        return Complaint(f"{origin}: `{shown}` stands for several licences", fix, origin.path, origin.line)
    guess = nearest(text, spdx.ids())
    fix = (
        f"Did you mean `{guess}`?" if guess else "See https://spdx.org/licenses/, or write `LicenseRef-…` for your own."
    )
    return Complaint(f"{origin}: `{shown}` is no licence that SPDX knows", fix, origin.path, origin.line)


def _speaks_of_licenses(scan: Scan) -> bool:
    return bool(scan.licensed) or any(finding.category is Category.LICENSE for finding in scan.findings)


def _judged(scan: Scan, book: _Book) -> Scan:
    made = [_finding(scan.tool, licensed, book) for licensed in scan.licensed]
    return replace(
        scan,
        findings=tuple(_reviewed(finding, book) for finding in scan.findings),
        policy_findings=tuple(finding for finding in made if finding is not None),
    )


def _finding(tool: str, licensed: Licensed, book: _Book) -> Finding | None:
    if book.accepts(licensed.package):
        return None
    standing, expression = book.standing(licensed.license)
    if standing is Standing.ALLOWED:
        return None
    who = f"{licensed.package.name} {licensed.package.version}".strip()
    return Finding(
        Category.LICENSE,
        tool,
        Rule(f"license/{expression or 'unknown'}", name=expression or "unknown licence"),
        _RATED[standing],
        f"{who} {_said(standing, expression, licensed.license)}",
        package=licensed.package,
        license=expression,
    )


def _said(standing: Standing, expression: str, text: str) -> str:
    if standing is Standing.UNREAD:
        stated = shortened(one_line(text), 120)
        return f"states the licence `{stated}`, which SPDX does not know" if stated else "states no licence"
    does = "denies" if standing is Standing.DENIED else "does not allow"
    return f"has the licence {expression}, which the policy {does}"


def _reviewed(finding: Finding, book: _Book) -> Finding:
    if finding.category is not Category.LICENSE:
        return finding
    if finding.suppressed == ALLOWED:
        finding = replace(finding, suppressed=f"{ALLOWED}, as the report says")
    standing, _ = book.standing(finding.license)
    accepted = finding.package is not None and book.accepts(finding.package)
    if accepted or (finding.license and standing is Standing.ALLOWED):
        return finding if finding.suppressed else replace(finding, suppressed=ALLOWED)
    if not finding.license or standing is Standing.UNREAD:
        return finding
    rated = _RATED[standing]
    worse = finding.rated.level.rank > rated.level.rank
    return replace(finding, rated=finding.rated._replace(source=rated.source) if worse else rated)


class _Book:
    """The lists of the policy, and every licence text judged once however many packages have it."""

    def __init__(self, licenses: Licenses) -> None:
        self._packages = licenses.packages
        self._allowed = {meant for text in licenses.allow if isinstance(meant := spdx.read(text), spdx.Licence)}
        self._denied = {meant for text in licenses.deny if isinstance(meant := spdx.read(text), spdx.Licence)}
        self._families = {meant._replace(id=spdx.family(meant.id)) for meant in self._denied}
        self._known: dict[str, tuple[Standing, str]] = {}

    def accepts(self, package: Package) -> bool:
        return package_names.any_names(self._packages, package)

    def standing(self, text: str) -> tuple[Standing, str]:
        """How a licence text stands, and the expression it was read as ("" for a text that cannot be placed)."""
        if text not in self._known:
            expression = spdx.read(text)
            standing = Standing.UNREAD if expression is None else self._of(expression)
            self._known[text] = standing, "" if standing is Standing.UNREAD else str(expression)
        return self._known[text]

    def _of(self, expression: spdx.Expression) -> Standing:
        if isinstance(expression, spdx.Both):
            return max(self._of(part) for part in expression.parts)
        if isinstance(expression, spdx.Either):
            return min(self._of(part) for part in expression.parts)
        if not expression.known:
            return Standing.UNREAD
        stated = self._stated(expression)
        if stated is None and expression.exception:
            # An exception only ever adds permissions: https://spdx.org/licenses/exceptions-index.html
            stated = self._stated(expression._replace(exception=""))
        if stated is None:
            return Standing.NOT_ALLOWED if self._allowed else Standing.ALLOWED
        return stated

    def _stated(self, licence: spdx.Licence) -> Standing | None:
        """What the lists say: of the licence itself, then of it with other words about later versions.

        Whoever denies `GPL-3.0-only` does not want `GPL-3.0-or-later`; whoever allows it may choose it there.
        """
        family = spdx.family(licence.id)
        if licence in self._denied:
            return Standing.DENIED
        if licence in self._allowed:
            return Standing.ALLOWED
        if licence._replace(id=family) in self._families:
            return Standing.DENIED
        if family != licence.id and not licence.id.endswith("-only"):
            exact = {licence._replace(id=family), licence._replace(id=f"{family}-only")}
            return Standing.ALLOWED if exact & self._allowed else None
        return None
