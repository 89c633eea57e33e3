"""Scans, findings and what changed, as rows of an outcome's data: JSON types only, the keys that others rely on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from actionkit.errors import Unreadable
from actionkit.untrusted import shortened
from security_report_aggregator.consensus import (
    advisory_of,
    fixed_in,
    location_of,
    package_of,
    published,
    title_of,
)
from security_report_aggregator.evidence import Delta, Entry, Evidence, Known
from security_report_aggregator.model import Level, Scan, State, Weakness
from security_report_aggregator.purls import purl_of
from security_report_aggregator.upgrades import Upgrade
from security_report_aggregator.waiver import Waiver

MOST_FINDINGS = 10_000
"""Findings listed in an outcome, the worst first: enough to look anything up in, little enough to be an artifact. All
of them are counted, and recorded by their ids."""

MOST_REASONS = 20
"""Reasons told of one report, such as dependencies that were not audited."""

TEXT_LIMIT = 300


def scans(ledger: Sequence[Entry]) -> list[dict[str, Any]]:
    """One row a report; the runs of a SARIF file are one report. An expected scanner that is missing has no path."""
    by_path: dict[tuple[str, str], list[Entry]] = {}
    for entry in ledger:
        by_path.setdefault((entry.path, "" if entry.path else entry.tool), []).append(entry)
    return [_scan(path, entries) for (path, _), entries in by_path.items()]


def _scan(path: str, entries: Sequence[Entry]) -> dict[str, Any]:
    found = [entry.scan for entry in entries if entry.scan is not None]
    reasons = [_short(reason) for entry in entries for reason in entry.reasons]
    row: dict[str, Any] = {
        "path": path,
        "tool": ", ".join(dict.fromkeys(entry.tool for entry in entries if entry.tool)),
        "version": ", ".join(dict.fromkeys(scan.version for scan in found if scan.version)),
        "format": ", ".join(dict.fromkeys(scan.format for scan in found)),
        "records": sum(scan.records for scan in found),
        "suppressed": sum(scan.suppressed for scan in found),
        "by_severity": _by_severity(found),
        "complete": not reasons,
        "reason": _listed(reasons),
        "notes": list(dict.fromkeys(_short(note) for scan in found for note in scan.notes)),
    }
    started = [scan.started.isoformat() for scan in found if scan.started]
    return row | {"started": min(started, default=""), "runs": len(found)}


def _listed(reasons: Sequence[str]) -> str:
    once = list(dict.fromkeys(reasons))
    more = f" and {len(once) - MOST_REASONS} more" if len(once) > MOST_REASONS else ""
    return "; ".join(once[:MOST_REASONS]) + more


def _by_severity(found: Iterable[Scan]) -> dict[str, int]:
    """Records as the scanner rates them, suppressed ones too; without those it lists beside its results."""
    counted: Counter[Level] = Counter()
    for scan in found:
        counted.update(scan.tally if scan.tally is not None else (finding.rated.level for finding in scan.findings))
    return {level.value: counted[level] for level in Level}


def findings(
    weaknesses: Sequence[Weakness],
    waived: Mapping[str, Waiver | None],
    delta: Delta | None,
    failing: Collection[str],
) -> list[dict[str, Any]]:
    """The weaknesses, then those that are fixed; MOST_FINDINGS of them.

    What fails the policy (ids) comes first, so that no page is cut before it; then the worst, then the new.
    """

    def order(one: Weakness) -> tuple[bool, bool, int, bool, str]:
        return one.id in waived, one.id not in failing, -one.rated.level.rank, not _is_new(one, delta), one.id

    ordered = sorted(weaknesses, key=order)
    rows = [_finding(one, _state(one, waived, delta)) for one in ordered[:MOST_FINDINGS]]
    gone = delta.fixed if delta else ()
    return rows + [_gone(known) for known in gone[: MOST_FINDINGS - len(rows)]]


def _is_new(weakness: Weakness, delta: Delta | None) -> bool:
    return delta is not None and weakness.id in delta.new


def _state(weakness: Weakness, waived: Mapping[str, Waiver | None], delta: Delta | None) -> State:
    if weakness.id in waived:
        return State.WAIVED
    return delta.state(weakness) if delta else State.ACTIVE


def _finding(weakness: Weakness, state: State) -> dict[str, Any]:
    place, package, when = location_of(weakness), package_of(weakness), published(weakness)
    row: dict[str, Any] = {
        "id": weakness.id,
        "aliases": list(weakness.aliases[:50]),
        "category": weakness.category.value,
        "severity": weakness.rated.level.value,
        "severity_source": _short(weakness.rated.source),
        "tools": list(weakness.tools),
        "ratings": {tool: level.value for tool, level in weakness.ratings.items()},
        "rule": _short(weakness.first.rule.id),
        "rules": sorted({f"{finding.tool}/{_short(finding.rule.id)}" for finding in weakness.findings})[:20],
        "title": _short(title_of(weakness)),
        "package": (purl_of(package) or _short(package.name)) if package else "",
        "fixed_in": [_short(version) for version in fixed_in(weakness)[:20]],
        "path": place.path if place else "",
        "line": place.line if place else None,
        "url": advisory_of(weakness),
        "state": state.value,
    }
    if weakness.rated.score is not None:
        row["score"] = weakness.rated.score
    if when is not None:
        row["published"] = when.isoformat()
    return row


def _gone(known: Known) -> dict[str, Any]:
    """A weakness of the baseline that is fixed: the record holds no more of it than this."""
    return {
        "id": known.id,
        "aliases": [],
        "category": known.category.value,
        "severity": known.level.value,
        "tools": list(known.tools),
        "rule": "",
        "package": "",
        "path": "",
        "line": None,
        "state": State.FIXED.value,
    }


def delta(found: Delta | None) -> dict[str, int] | None:
    if found is None:
        return None
    return {
        "new": len(found.new),
        "worse": len(found.worse),
        "published": len(found.published),
        "fixed": len(found.fixed),
        "unknown": len(found.unknown),
    }


def baseline(evidence: Evidence) -> dict[str, Any]:
    found = evidence.baseline
    if found is None:
        return {"sha": "", "why_none": str(evidence.no_baseline)}
    return {
        "sha": found.sha,
        "recorded_at": found.recorded_at,
        "findings": len(found.known),
        "tools": list(found.tools),
        "distance": found.distance,
    }


def upgrade(step: Upgrade) -> dict[str, Any]:
    return {
        "package": step.package.name,
        "type": step.package.type,
        "from": step.package.version,
        "to": step.to,
        "breaking": step.breaking,
        "path": step.path,
        "line": step.line,
        "closes": len(step.closes),
        "ids": list(step.closes[:100]),
    }


def waiver(weakness: Weakness, by: Waiver | None) -> dict[str, Any]:
    """Why a weakness is set aside: by a waiver, or by the scanners that report it."""
    row = {"finding": weakness.id, "rule": _short(weakness.first.rule.id), "severity": weakness.rated.level.value}
    if by is None:
        said = next((finding.suppressed for finding in weakness.findings if finding.suppressed), "")
        return row | {"reason": _short(said), "until": "", "approved_by": "", "origin": "the scanner's own suppression"}
    return row | {
        "reason": _short(by.reason),
        "until": by.until.isoformat() if by.until else "",
        "approved_by": by.approved_by,
        "origin": str(by.origin),
        "source": by.source,
    }


def unreadable(errors: Sequence[Unreadable]) -> list[dict[str, Any]]:
    return [{"path": error.name, "reason": error.reason, "line": error.line} for error in errors]


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), TEXT_LIMIT)
